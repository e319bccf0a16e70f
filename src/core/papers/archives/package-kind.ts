/** What a zip is, by the name and the content of its first file: packages of programs have fixed ones. */
export function packageKind(start: Uint8Array, name: string): 'office' | { reason: string } | undefined {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  if (start.length < 30) return undefined
  const text = (from: number, length: number) => new TextDecoder().decode(start.subarray(from, from + length))
  const nameLength = view.getUint16(26, true)
  const first = text(30, nameLength)
  if (/\.enlx$/i.test(name))
    return {
      reason: 'This is a compressed EndNote library. In EndNote, choose File > Export and the type XML, and take that file.',
    }
  if (first === 'mimetype') {
    const type = text(30 + nameLength + view.getUint16(28, true), 60)
    return type.startsWith('application/vnd.oasis.opendocument')
      ? { reason: 'This is an OpenDocument file. Open it in a spreadsheet program and save it as .xlsx or CSV.' }
      : { reason: 'This is an e-book. Export the references of the program that it was made with as RIS.' }
  }
  if (/\.numbers$/i.test(name) || first.startsWith('Index/Document.iwa'))
    return { reason: 'This is a spreadsheet of Numbers. Choose File > Export To > Excel or CSV there.' }
  return /\.xls[xm]$/i.test(name) || /^(?:\[Content_Types\]\.xml$|_rels\/|docProps\/|xl\/|word\/|ppt\/|customXml\/)/.test(first)
    ? 'office'
    : undefined
}
