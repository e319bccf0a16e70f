import type { Page } from '@playwright/test'
import type { Paper } from '../../src/core/papers/index.js'

declare global {
  interface Window {
    duplicates: import('../../demo/duplicates/duplicates-view.js').DuplicatesView
    duplicatesEvents: {
      review: unknown
      merged: { papers: string[]; removed: { id: string; keptId: string }[] } | null
      opened: string[]
      files: Record<string, string>
    }
  }
}

const SUBJECTS = ['ferns in wind', 'moss on walls', 'bread prices', 'river ice', 'owl hearing', 'salt roads']

const title = (subject: number) => `A long observation of ${SUBJECTS[subject]}`

function record(id: string, subject: number, more: Partial<Paper> = {}): Paper {
  return {
    id,
    key: `key-${id}`,
    title: `${title(subject)} across four northern valleys`,
    authors: [{ family: ['Okoro', 'Lind', 'Sato', 'Mbeki', 'Varga', 'Roy'][subject]!, given: 'Ada Maria' }],
    year: 1990 + subject,
    venue: 'Annals of Observation',
    volume: String(subject + 3),
    pages: `${subject}1-${subject}9`,
    source: { file: id < 'm' ? 'first.bib' : 'second.ris', record: subject + 1 },
    ...more,
  }
}

/** Two pairs that are surely duplicates, two that a person should review, and a paper without a duplicate. */
export const papers: Paper[] = [
  record('a1', 0, { doi: '10.5555/ferns' }),
  record('z1', 0, { abstract: 'Only the second has an abstract.' }),
  // Shortened titles and missing fields.
  record('a2', 1, { title: `${title(1)}: four northern valleys`, venue: undefined as never, volume: undefined as never }),
  record('z2', 1, { title: title(1), pages: undefined as never, authors: [{ family: 'Lind', given: 'A.' }] }),
  record('a3', 2),
  record('z3', 2, {
    title: 'Long observation of bread price across four northern valleys',
    pages: undefined as never,
    volume: undefined as never,
  }),
  record('a4', 3, { title: `${title(3)}: four northern valleys`, authors: [] }),
  record('z4', 3, { title: title(3), authors: [], pages: undefined as never, volume: undefined as never }),
  record('a5', 4),
].map((paper) => JSON.parse(JSON.stringify(paper)))

/** The same, but of the doubtful pairs nothing is known beyond a title and a year, which a cautious search leaves to a person. */
export const barePapers = papers.map((paper) => {
  if (!/[24]/.test(paper.id)) return paper
  const { id, key, year, source } = paper
  return { id, key, year, source, title: `${title(Number(id[1]) - 1)} across four northern valleys` } as Paper
})

/** Shows the duplicates of papers, and records the view's events in `window.duplicatesEvents`. */
export async function showDuplicates(page: Page, given: readonly Paper[], review: unknown = null): Promise<void> {
  await page.evaluate(
    async ({ given, review }) => {
      window.duplicates?.dispose()
      window.duplicatesEvents = { review: null, merged: null, opened: [], files: {} }
      const { DuplicatesView } = await window.views.duplicates()
      window.duplicates = new DuplicatesView(document.querySelector('#host')!, {
        onOpen: (id) => window.duplicatesEvents.opened.push(id),
        save: async (state) => {
          window.duplicatesEvents.review = state
        },
        onMerged: async ({ papers, removed }) => {
          window.duplicatesEvents.merged = { papers: papers.map(({ id }) => id), removed }
        },
        download: async (name, blob) => {
          window.duplicatesEvents.files[name] = await blob.text()
        },
      })
      await window.duplicates.show(given, null, review)
    },
    { given, review },
  )
}
