import { Specter2Error } from '../errors.js'

/**
 * What a file may ask for before it is taken for a bomb or for damage. Each limit is far above what real files need, and its
 * name stands in the problem that is reported.
 */
export const LIMITS = {
  /** Braces within braces of a BibTeX value. Real values nest 8 deep at most in 9,000 records seen. */
  MAX_BRACE_DEPTH: 100,
  /** Elements within elements. PubMed nests 12 deep, with MathML 20. */
  MAX_XML_DEPTH: 100,
  /** Entities that an XML file may declare itself: no bibliography does, and they are how a kilobyte becomes a gigabyte. */
  MAX_XML_ENTITIES: 0,
  /** Arrays and objects within each other. OpenAlex's works nest 6 deep. */
  MAX_JSON_DEPTH: 100,
  /** Characters of one record. A record of the Web of Science with a thousand references has 200,000. */
  MAX_RECORD_CHARACTERS: 8 * 2 ** 20,
  /** Columns of a table. Embase and Scopus export up to 60. */
  MAX_COLUMNS: 2_000,
  /** Bytes that a file becomes when it is unpacked. The largest exports, PubMed's yearly files, have 300 MB. */
  MAX_UNPACKED_BYTES: 2 ** 31,
  /** Unpacked bytes for each packed one, beyond the first 16 MiB. XML packs 15:1, repetitive tables 40:1, bombs 1000:1. */
  MAX_UNPACK_RATIO: 200,
  /** Files in one archive. */
  MAX_ARCHIVE_FILES: 10_000,
} as const

/** Name of one of {@link LIMITS}. */
export type LimitName = keyof typeof LIMITS

/** The error for a limit that a file breaks. */
export function limitError(name: LimitName, found: string): Specter2Error {
  return new Specter2Error('LIMIT_EXCEEDED', `${found}: the limit ${name} is ${LIMITS[name]}.`, {
    details: { limit: name, value: LIMITS[name] },
  })
}
