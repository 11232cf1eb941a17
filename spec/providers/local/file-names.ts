import fc from 'fast-check';

const units = [...'\nabÜé日😀 .-_~()\'!*[]{}<>|^`"#?%&+=,;:@$\\'];
const escapes = ['%20', '%41', '%C3%A9', '%2F', '%zz', 'e\u0301', '..', 'uploads', 'img.example', '\ufb01'];

const segment = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...units) }, fc.constantFrom(...escapes)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

/** Paths below a root: any letters, and what has a meaning in addresses. */
export const aFileName = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: segment }, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 })),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((segments) => segments.join('/'));
