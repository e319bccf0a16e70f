import { cleanText } from './clean-text.js'
import { isNoText } from './no-text.js'

/** Longest notice, in characters: those of publishers have 40 to 250. */
const TAIL = 300
const NOTICES = [
  /\s\((?:psyc(?:info|article)s?|pep) (?:database )?record \(c\).*$/is,
  // © 2020 Elsevier Ltd. All rights reserved. · Copyright © 2015 … · (C) 2015 by the … · Copyright 2015 Press.
  /(?:^|\s)(?:(?:crown )?(?:copyright\s*)?(?:©|\(c\))\s*(?:copyright\s*)?(?:(?:the|by)\s[^.]{0,60})?,?\s*(?:19|20)\d\d\b|(?:crown )?copyright,?\s*(?:19|20)\d\d\b).*$/is,
  /(?:^|\s)(?:copyright\s*)?©\s*(?:the|author|elsevier|springer|wiley|ieee|acm|oxford|american|royal|published|copyright|crown)\b.*$/is,
  /(?:^|(?<=[.)]))\s*(?:this (?:article|abstract) is protected by copyright|published by (?:elsevier|wiley|john wiley|springer|oxford university press|sage|bmj|mdpi)\b|all rights reserved|(?:the author\(s\),? (?:19|20)\d\d\.? )?this article is (?:published with|an) open[ -]access)[^.]*(?:\.[A-Z\w]{1,3}\b){0,4}\.?(?: on behalf of [^.]*\.?)?(?:\s*all rights reserved\.?)?$/i,
]
/** EBSCO's and ProQuest's notices, which are long and have a fixed beginning. */
const DATABASE_NOTICES =
  /(?:^|\s)(?:\(?copyright of .{1,250}? is the property of .*|\(?copyright applies to all abstracts\.?\)?|\(?proquest: .{1,80}? denotes? .*|\[publication abstract\])$/is
/** Words without which there is no notice: most abstracts have none. */
const HAS_NOTICE = /©|\(c\)|copyright|all rights reserved|published by|open[ -]access/i
const DATABASE_WORDS = ['is the property of', 'applies to all Abstracts', 'ProQuest: ', 'PUBLICATION ABSTRACT']
/** Words that follow `Abstract` as an adjective: `Abstract interpretation is …` */
const ABSTRACT_TERM =
  /^(?:interpretation|algebra|reasoning|art|expressionism|concepts?|thinking|states?|data|syntax|meaning|argumentation|models?|machines?|words?|nouns?|categor\w+|harmonic|wiener|cauchy)$/i
const SECTION = /^(?:background|objectives?|introduction|purpose|aims?|methods?|context|importance|question)$/i

/** The plain text of an abstract: without `Abstract` before it or a copyright notice after it; `''` if it says that there is none. */
export function cleanAbstract(text: string): string {
  // Some of Ovid's abstracts begin with a colon.
  let abstract = cleanText(text).replace(/^[:\s]+/, '')
  for (let before = ''; before !== abstract; ) {
    before = abstract
    if (DATABASE_WORDS.some((words) => abstract.includes(words))) abstract = abstract.replace(DATABASE_NOTICES, '').trim()
    if (HAS_NOTICE.test(abstract.slice(-TAIL))) for (const notice of NOTICES) abstract = withoutTail(abstract, notice)
    abstract = abstract.slice(headingLength(abstract))
  }
  return isNoText(abstract) || /^(?:abstract|summary)[:.]?$/i.test(abstract) ? '' : abstract
}

/** Length of `Abstract` as a heading: before a colon or the like, or before a sentence's first word. */
function headingLength(abstract: string): number {
  const [, word = '', gap = '', next = ''] = /^(abstracts?|summary)(\s*[:.—–]\s*|\s+-\s+|\s+)(\p{L}+|\S)/iu.exec(abstract) ?? []
  const length = word.length + gap.length
  if (gap.trim() !== '') return length
  if (!/^\p{Lu}/u.test(word) || !/^\p{Lu}/u.test(next)) return 0
  return /^summary$/i.test(word) ? (SECTION.test(next) ? length : 0) : ABSTRACT_TERM.test(next) ? 0 : length
}

function withoutTail(abstract: string, notice: RegExp): string {
  const from = Math.max(0, abstract.length - TAIL)
  const match = notice.exec(abstract.slice(from))
  if (!match) return abstract
  // Keep the full stop of the last sentence.
  const keep = /^[.)]/.test(match[0]) ? 1 : 0
  return abstract.slice(0, from + match.index + keep).trim()
}
