import { expect, test } from 'vitest'
import { parsePasted } from './parse-pasted.js'

test('each block is a paper: the first line is the title, the rest the abstract', () => {
  expect(parsePasted('Sleep and memory\nPeople who sleep\nremember more.\n\nOn bees')).toEqual([
    { title: 'Sleep and memory', abstract: 'People who sleep remember more.' },
    { title: 'On bees', abstract: '' },
  ])
})

test('line ends of any system and blank lines with spaces separate blocks', () => {
  for (const gap of ['\n\n', '\r\n\r\n', '\r\r', '\n \t\n', '\n\n\n\n']) {
    expect(parsePasted(`A${gap}B`).map(({ title }) => title)).toEqual(['A', 'B'])
  }
})

test('spaces around and within lines are tidied', () => {
  expect(parsePasted('\n\n  A\u00a0 title \n\tits   abstract\n\n\n')).toEqual([{ title: 'A title', abstract: 'its abstract' }])
})

test('blank text contains no paper', () => {
  for (const text of ['', ' ', '\n\n \n\n']) expect(parsePasted(text)).toEqual([])
})

test('a megabyte of spaces takes no time', () => {
  expect(parsePasted(`${' '.repeat(1_000_000)}\n${' '.repeat(1_000_000)}x`)).toEqual([{ title: 'x', abstract: '' }])
}, 1_000)
