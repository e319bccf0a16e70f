/** A file that holds papers but cannot be read, or that was saved by mistake: what it is, and what to do. */
const KINDS: readonly (readonly [test: (start: string, name: string) => boolean, reason: string])[] = [
  [
    (start, name) => /\.enl$/i.test(name) || (start.startsWith('SQLite format 3') && /\.(?:enl|eni|enlx)$/i.test(name)),
    'This is an EndNote library. In EndNote, choose File > Export and the type XML, and take that file.',
  ],
  [
    (start) => start.startsWith('SQLite format 3'),
    'This is a database of a program, such as Zotero or Mendeley. Export the references there as RIS or BibTeX.',
  ],
  [
    (start, name) => start.startsWith('\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1') && !/\.(?:doc|ppt|msg)$/i.test(name),
    'This is a workbook of Excel 97-2003 (.xls). Open it in a spreadsheet program and save it as .xlsx or CSV.',
  ],
  [
    (start) => start.startsWith('\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1'),
    'This is an old Office document. Export the references of the program that it was made with as RIS.',
  ],
  [(start) => /^\s*\{\\rtf/.test(start), 'This is a formatted text (RTF). Export the references as RIS or BibTeX instead.'],
  [(start) => start.startsWith('%PDF-'), 'This is a PDF. Export its references from a reference manager as RIS or BibTeX.'],
  [(start) => /^(?:\u0089PNG|\u00ff\u00d8\u00ff|GIF8)/.test(start), 'This is an image.'],
  [
    (start) => /^(?:7z\u00bc\u00af|Rar!)/.test(start),
    'This is an archive of a kind that is not read. Unpack it, or pack it as .zip.',
  ],
  [
    (start) =>
      /<table[\s>]/i.test(start) &&
      /<t[dh][\s>]/i.test(start) &&
      /^\s*(?:<!--|<meta|<html|<!doctype html|<table|<\?xml)/i.test(start),
    'This is a web page with a table, which some sites name .xls. Open it in a spreadsheet program and save it as .xlsx or CSV.',
  ],
  [
    (start) => /<\?mso-application|urn:schemas-microsoft-com:office:spreadsheet/.test(start),
    'This is a workbook in XML of Excel 2003. Open it in a spreadsheet program and save it as .xlsx or CSV.',
  ],
  [
    (start) => /^\s*(?:<!--[\s\S]*?-->\s*)?<(?:!doctype html|html|head|body)/i.test(start),
    'This is a web page, not an export: the site may have asked to log in. Export the references again.',
  ],
  [
    (start) => /^\s*<\?xml|^\s*<[a-z]/i.test(start),
    'This is XML of a kind that is not known. Export the references as RIS, BibTeX or CSV.',
  ],
]

/** Why a file cannot be read, by its first bytes and its name; `undefined` if it is of no known kind. */
export function foreignKind(start: Uint8Array, name: string): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, 4_096))
  return KINDS.find(([test]) => test(text, name))?.[1]
}
