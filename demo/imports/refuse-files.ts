/** Kinds of files that hold no records, by their first bytes, and what to do instead. */
const KINDS: readonly (readonly [kind: string, bytes: RegExp, next: string])[] = [
  ['a PDF', /^%PDF-/, 'Export the references from the program or database that has them, as RIS or BibTeX.'],
  ['a picture (JPEG)', /^ÿØÿ/, 'Copy the references as text and paste them.'],
  ['a picture (PNG)', /^.PNG/, 'Copy the references as text and paste them.'],
  ['a picture (GIF)', /^GIF8/, 'Copy the references as text and paste them.'],
  ['a Word document', /^PK[\s\S]*\bword\//, 'Copy its list of references and paste it here as text.'],
  ['an OpenDocument file', /^PK[\s\S]*application\/vnd\.oasis/, 'Copy the references as text, or save the sheet as CSV.'],
  ['an old Office document', /^ÐÏ[\s\S]à/, 'Save it as text or CSV, or copy the references and paste them.'],
  ['a rich text document', /^\{\\rtf/, 'Copy the references and paste them here as text.'],
  ['a database (SQLite), such as Zotero’s own', /^SQLite format 3/, 'Export the collection from Zotero, as RIS or BibTeX.'],
  ['an audio or video file', /^(?:ID3|OggS|[\s\S]{4}ftyp|RIFF)/, 'Export the references as RIS or BibTeX.'],
]
/** Names of the parts of an Office document come early in it, but not always first. */
const SNIFFED_BYTES = 8192

export interface RefusedFile {
  file: string
  reason: string
}

/** Tells files that hold no records from those to read. */
export async function refuseFiles(
  files: ReadonlyMap<string, File>,
): Promise<{ readable: Map<string, File>; refused: RefusedFile[] }> {
  const readable = new Map<string, File>()
  const refused: RefusedFile[] = []
  for (const [path, file] of files) {
    const start = new TextDecoder('latin1').decode(await file.slice(0, SNIFFED_BYTES).arrayBuffer())
    const [kind, , next] = KINDS.find(([, bytes]) => bytes.test(start)) ?? []
    if (kind === undefined) readable.set(path, file)
    else refused.push({ file: path, reason: `This is ${kind}, which holds no records that can be read. ${next}` })
  }
  return { readable, refused }
}
