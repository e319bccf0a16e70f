/**
 * Counts the records of a file by the marks that begin or end a record in its format. It shares no code with the readers, so
 * that lost records are noticed.
 */
export function countRecords(text: string, format: string): number {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  switch (format) {
    case 'bibtex':
      return count(/(?:^|[\s}),])@[ \t]*(?!(?:comment|preamble|string)\b)[a-z]\w*\s*[{(]/gi)
    case 'ris':
      // By end marks; the last record may lack one.
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
      // The number that a report announces may be wrong; each paper has its address.
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

/** Lines that are not blank, outside of quotes and without the heading. */
function csvRows(text: string): number {
  const outside = text.replace(/"[^"]*"/g, 'q')
  return outside.split(/\r?\n/).filter((line) => line.trim() !== '').length - 1
}
