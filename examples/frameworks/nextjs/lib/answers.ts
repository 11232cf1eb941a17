/** The answer to a request that failed. */
export function failed(error: unknown): Response {
  const { name, message } = error as Error;
  const statuses: Readonly<Record<string, number>> = { ValidationError: 400, DocumentNotFoundError: 404 };
  return Response.json({ message }, { status: statuses[name] ?? 500 });
}
