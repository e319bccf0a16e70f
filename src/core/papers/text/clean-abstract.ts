import { cleanText } from './clean-text.js'

/** Longest notice, in characters: those of publishers have 40 to 250. */
const TAIL = 300
const NOTICES = [
  /\s\((?:psyc(?:info|article)s?|pep) (?:database )?record \(c\).*$/is,
  // © 2020 Elsevier Ltd. All rights reserved. · Copyright © 2015 … · (C) 2015 by the … · Copyright 2015 Press.
  /(?:^|\s)(?:(?:copyright\s*)?(?:©|\(c\))\s*(?:copyright\s*)?(?:(?:the|by)\s[^.]{0,60})?,?\s*(?:19|20)\d\d\b|copyright\s*(?:19|20)\d\d\b).*$/is,
  /(?:^|\s)(?:copyright\s*)?©\s*(?:the|author|elsevier|springer|wiley|ieee|acm|oxford|american|royal|published|copyright)\b.*$/is,
  /[.)]\s+all rights reserved\.?$/i,
]

/** The plain text of an abstract, without a copyright notice at its end. */
export function cleanAbstract(text: string): string {
  // Some of Ovid's abstracts begin with a colon.
  let abstract = cleanText(text).replace(/^[:\s]+/, '')
  for (let before = ''; before !== abstract; ) {
    before = abstract
    for (const notice of NOTICES) abstract = withoutTail(abstract, notice)
  }
  return abstract
}

function withoutTail(abstract: string, notice: RegExp): string {
  const from = Math.max(0, abstract.length - TAIL)
  const match = notice.exec(abstract.slice(from))
  if (!match) return abstract
  // Keep the full stop of the last sentence.
  const keep = /^[.)]/.test(match[0]) ? 1 : 0
  return abstract.slice(0, from + match.index + keep).trim()
}
