/** The fields of a multipart body, as the SDK writes it: short boundary, raw UTF-8, no line break after the last boundary. */
export function multipartFields(body: Buffer, contentType: string): Map<string, string[]> {
  const boundary = /boundary=([^;]+)/.exec(contentType)?.[1];
  if (!boundary) throw new Error('no boundary');
  const fields = new Map<string, string[]>();
  for (const part of parts(body, boundary)) {
    const end = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, end).toString('utf8');
    const name = /name="([^"]*)"/.exec(head)?.[1];
    if (name === undefined) continue;
    const text = part.subarray(end + 4).toString(head.includes('filename=') ? 'latin1' : 'utf8');
    fields.set(name, [...(fields.get(name) ?? []), text]);
  }
  return fields;
}

function parts(body: Buffer, boundary: string): Buffer[] {
  const found: Buffer[] = [];
  const open = Buffer.from(`--${boundary}\r\n`);
  let at = body.indexOf(open);
  while (at !== -1) {
    const start = at + open.length;
    const end = body.indexOf(`\r\n--${boundary}`, start);
    if (end === -1) throw new Error('the body ends within a part');
    found.push(body.subarray(start, end));
    at = body.indexOf(open, end);
  }
  return found;
}
