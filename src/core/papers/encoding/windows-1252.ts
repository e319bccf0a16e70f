/** Windows-1252 from 0x80 to 0x9f, where it differs from Latin-1. Needed because Node 20 decodes it as Latin-1. */
const CONTROLS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** The character of a byte in Windows-1252. */
export function windows1252(byte: number): string {
  return CONTROLS[byte - 0x80] ?? String.fromCharCode(byte)
}
