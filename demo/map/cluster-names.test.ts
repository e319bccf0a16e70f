import { expect, test } from 'vitest'
import { nameClusters } from './cluster-names.js'

test('names a cluster by terms that are frequent in it and rare elsewhere, pairs of words first', () => {
  const texts = [
    'Machine translation of rare languages. We propose a model.',
    'Neural machine translation with a model of attention',
    'Machine translation: a model',
    'Sentiment of reviews. A model',
    'A model of sentiment in reviews',
    'Reviews and their sentiment, a model',
  ]
  const [first, second] = nameClusters(texts, [0, 0, 0, 1, 1, 1], 2)
  expect(first![0]).toBe('machine translation')
  expect(second).toContain('sentiment')
  expect(second).toContain('reviews')
  expect(first!.indexOf('model')).not.toBe(0)
})

test('no pair spans two sentences, no term repeats a word, and numbers and stop words are skipped', () => {
  const texts = ['The parser. Grammars 2020 of parsers', 'The parser. Grammars 2020 of parsers']
  const [terms] = nameClusters([...texts, 'Other words'], [0, 0, -1], 1)
  expect(terms).toEqual(['grammars', 'parser'])
})

test('a cluster without words in common has no terms', () => {
  expect(nameClusters(['one thing', 'whole else'], [0, 0], 1)).toEqual([[]])
})
