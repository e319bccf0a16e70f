import { expect, test } from 'vitest'
import { diffTexts, type Piece } from './diff-text.js'

const mark = (pieces: readonly Piece[]) => pieces.map(({ text, isSame }) => (isSame ? text : `[${text}]`)).join('')
const diff = (a: string, b: string) => {
  const { a: left, b: right } = diffTexts(a, b)
  expect(left.map(({ text }) => text).join('')).toBe(a)
  expect(right.map(({ text }) => text).join('')).toBe(b)
  return [mark(left), mark(right)]
}

test('marks the characters that differ within a word', () => {
  expect(diff('Colour of ferns', 'Color of ferns')).toEqual(['Colo[u]r of ferns', 'Color of ferns'])
  expect(diff('2019', '2020')).toEqual(['20[19]', '20[20]'])
})

test('marks added words, and marks different words as a whole', () => {
  expect(diff('The shape of ferns', 'The shape of ferns in wind')).toEqual(['The shape of ferns', 'The shape of ferns[ in wind]'])
  expect(diff('sleep in mice', 'sleep in humans')).toEqual(['sleep in [mice]', 'sleep in [humans]'])
})

test('marks nothing in equal texts, and everything if one is empty', () => {
  expect(diff('same', 'same')).toEqual(['same', 'same'])
  expect(diff('', 'new')).toEqual(['', '[new]'])
})

test('does not split characters of two code units', () => {
  expect(diff('𝒜b', '𝒜c')).toEqual(['𝒜[b]', '𝒜[c]'])
})

test('is fast for long texts with nothing in common', () => {
  const words = (letter: string) => Array.from({ length: 3000 }, (_, index) => `${letter}${index}`).join(' ')
  const started = performance.now()
  diff(words('a'), words('b'))
  expect(performance.now() - started).toBeLessThan(2000)
})
