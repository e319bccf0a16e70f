import { Specter2Error } from '../errors.js'

/**
 * Limits beyond which a file is treated as a bomb or as damaged. Each is far above what real files need; the problem that is
 * reported names the limit.
 *
 * @example
 * console.log(LIMITS.MAX_UNPACK_RATIO) // 200
 */
export const LIMITS = {
  /** Nested braces in a BibTeX value. In 9,000 real records, values nest at most 8 deep. */
  MAX_BRACE_DEPTH: 100,
  /** Nested XML elements. PubMed nests 12 deep, 20 with MathML. */
  MAX_XML_DEPTH: 100,
  /** Entities that an XML file may declare. No bibliography declares any, and they can turn a kilobyte into a gigabyte. */
  MAX_XML_ENTITIES: 0,
  /** Nested arrays and objects. OpenAlex's works nest 6 deep. */
  MAX_JSON_DEPTH: 100,
  /** Characters of one record. A Web of Science record with a thousand references has 200,000. */
  MAX_RECORD_CHARACTERS: 8 * 2 ** 20,
  /** Columns of a table. Embase and Scopus export up to 60. */
  MAX_COLUMNS: 2_000,
  /** Bytes of an unpacked file. The largest exports, PubMed's yearly files, have 300 MB. */
  MAX_UNPACKED_BYTES: 2 ** 31,
  /** Unpacked bytes for each packed byte, beyond the first 16 MiB. XML packs 15:1, repetitive tables 40:1, bombs 1000:1. */
  MAX_UNPACK_RATIO: 200,
  /** Packed bytes of a workbook, which is read only when it is whole. 100,000 records with abstracts have 40 MB. */
  MAX_WORKBOOK_BYTES: 2 ** 28,
  /** Bytes of a file of vectors, which is read only when it is whole. 300,000 vectors of 768 numbers have 920 MB. */
  MAX_VECTOR_BYTES: 2 ** 30,
  /** Characters of the texts that a workbook's cells share, which are kept in memory. 100,000 records have 150 million. */
  MAX_SHARED_CHARACTERS: 2 ** 28,
  /** Files in one archive. */
  MAX_ARCHIVE_FILES: 10_000,
} as const

/** The name of a limit. */
export type LimitName = keyof typeof LIMITS

/** The error for a file that exceeds a limit. */
export function limitError(name: LimitName, found: string): Specter2Error {
  return new Specter2Error('LIMIT_EXCEEDED', `${found}: the limit ${name} is ${LIMITS[name]}.`, {
    details: { limit: name, value: LIMITS[name] },
  })
}
