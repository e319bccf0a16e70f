import { describe, expect, test } from 'vitest'
import { parseReference } from './parse-reference.js'
import { readPasted } from './pasted.js'

/** One invented work, as the common styles write it. */
const STYLES: Record<string, string> = {
  APA: 'Okoro, A. M., & Lind, B. (2019). Moss on garden walls in wet summers. Annals of Observation, 12(3), 45–67. https://doi.org/10.5555/moss.12',
  Vancouver: '1. Okoro AM, Lind B. Moss on garden walls in wet summers. Ann Obs. 2019;12(3):45-67. doi: 10.5555/moss.12.',
  IEEE: '[7] A. M. Okoro and B. Lind, "Moss on garden walls in wet summers," Annals of Observation, vol. 12, no. 3, pp. 45–67, 2019, doi: 10.5555/moss.12.',
  Chicago:
    'Okoro, A. M., and B. Lind. 2019. “Moss on Garden Walls in Wet Summers.” Annals of Observation 12 (3): 45–67. https://doi.org/10.5555/moss.12.',
  Nature:
    'Okoro, A. M. & Lind, B. Moss on garden walls in wet summers. Ann. Obs. 12, 45–67 (2019). https://doi.org/10.5555/moss.12',
  Harvard:
    'Okoro, A.M. and Lind, B., 2019. Moss on garden walls in wet summers. Annals of Observation, 12(3), pp.45-67. doi:10.5555/moss.12',
}

describe('a plain reference', () => {
  test.each(Object.entries(STYLES))('in %s style becomes a record', (_, text) => {
    const found = parseReference(text)
    expect(found).toMatchObject({ year: 2019, doi: '10.5555/moss.12', doubt: null })
    expect(found.title.toLowerCase()).toBe('moss on garden walls in wet summers')
    expect(found.authors?.map(({ family }) => family)).toEqual(['Okoro', 'Lind'])
    expect(found.venue).toMatch(/^Ann/)
  })

  test('`et al.` is no author', () => {
    expect(parseReference('Okoro AM, Lind B, et al. Moss on garden walls. Ann Obs. 2019;12:45.').authors).toHaveLength(2)
  })

  test('that cannot be taken apart is marked, and keeps its text', () => {
    expect(parseReference('Moss on garden walls')).toMatchObject({ title: 'Moss on garden walls', doubt: expect.any(String) })
  })
})

describe('a pasted text', () => {
  test('of references is read as such, numbered or not', () => {
    const [apa, nature] = [STYLES.APA!, STYLES.Nature!]
    for (const text of [`${apa}\n${nature}`, `${apa}\n\n${nature}`, `1. ${apa}\n2. ${nature}`, `[1] ${apa}\n[2] ${nature}`]) {
      const pasted = readPasted(text)
      expect(pasted).toMatchObject({ kind: 'references' })
      expect(pasted.kind === 'references' && pasted.papers).toHaveLength(2)
    }
  })

  test('of bare identifiers is recognized as such', () => {
    const ids = { DOIs: '10.5555/a.1\nhttps://doi.org/10.5555/b', PMIDs: '31452104\n31452105', 'arXiv ids': 'arXiv:2004.07180v4' }
    for (const [names, text] of Object.entries(ids)) expect(readPasted(text)).toMatchObject({ kind: 'identifiers', names })
    expect(readPasted('https://example.org/paper.html')).toMatchObject({ kind: 'identifiers', names: 'web addresses' })
  })

  test.each(['@article{a, title={X}}', 'TY  - JOUR\nTI  - X\nER  - ', 'Titel\tJahr\nMoose\t2019', '[{"title": "X"}]'])(
    'in a format of files is read as a file: %j',
    (text) => expect(readPasted(text).kind).toBe('file'),
  )

  test.each([
    'Sleep and memory\nPeople who sleep remember more.\n\nOn bees',
    'Sleep, dreams, and memory\nWe asked 20 people, in 2019, how they slept.',
  ])('of titles and abstracts is read as such: %j', (text) => expect(readPasted(text).kind).toBe('texts'))
})
