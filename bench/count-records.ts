/**
 * How many records a file has, by nothing but marks in its text: counted apart from the readers, so that what these lose is
 * seen. The mark is that which the format's description begins or ends a record with.
 */
export function countRecords(text: string, format: string): number {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  switch (format) {
    case 'bibtex':
      return count(/(?:^|[\s}),])@[ \t]*(?!(?:comment|preamble|string)\b)[a-z]\w*\s*[{(]/gi)
    case 'ris':
      // By ends; a last record may lack one.
      return count(/^ER {1,3}-/gm) + (/^ER {1,3}-[^\n]*\s*$/m.test(text.slice(text.lastIndexOf('\nER'))) ? 0 : 1)
    case 'nbib':
      return count(/^PMID ?-/gm)
    case 'wos':
      return count(/^ER\s*$/gm)
    case 'refer':
      return Math.max(1, count(/^%0 /gm))
    case 'copac':
      return count(/^TI- /gm)
    case 'biblioscape':
      return count(/^-{6,}\s*$/gm)
    case 'ovid':
      return count(/^Accession Number\s*$/gm)
    case 'repec-nep':
      // What the report announces may be cut off; each paper has its address.
      return count(/^URL: /gm)
    case 'pubmed-xml':
      return count(/<Pubmed(?:Book)?Article[\s>]/g)
    case 'endnote-xml':
      return count(/<record[\s>]/g)
    case 'citavi-xml':
      return count(/<Reference[\s>]/g)
    case 'ms-office-xml':
      return count(/<b:Source>/g)
    case 'csv':
      return csvRows(text)
    case 'json':
      return Math.max(count(/"title"\s*:/g), count(/"type"\s*:/g))
    default:
      return 0
  }
}

/** Lines outside of quotes that are not blank, less the headings. */
function csvRows(text: string): number {
  const outside = text.replace(/"[^"]*"/g, 'q')
  return outside.split(/\r?\n/).filter((line) => line.trim() !== '').length - 1
}
