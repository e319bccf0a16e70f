import { parseInitialedName } from '../fields/names.js'
import type { Author } from '../paper.js'

/** Removes what Ovid adds: `[Article]` after a title, a full stop after a name or a number. */
export function ovidText(text: string): string {
  return text
    .replace(/\.?\s*\[(?:[A-Z][a-z]+\s?)+\]\.?$/, '')
    .replace(/(?<=^[^.]{1,80})\.$/, '')
    .trim()
}

/** Splits `Verbeek, Jan MD *;  Hermans, Erik MD +`. */
export function ovidNames(value: string): string[] {
  return value.split(/;|\.\s{2,}/)
}

/** Parses a name without footnote marks and degrees. */
export function ovidName(value: string): Author | undefined {
  const bare = value
    .replace(/\s*(?:[*+++#]|\(\d+\)|\[\w+\]|\b\d{1,2}\b)+\s*\.?$/g, '')
    .replace(/(?:,?\s+(?:MD|PhD|MSc|MPH|RN|DPhil|MBBS|BSc|MA|DO|PharmD|FRCS))+\.?\s*$/g, '')
  return parseInitialedName(bare.trim().replace(/\.$/, ''))
}
