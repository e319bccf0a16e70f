import { addFiles, expect, paperPane, rows, searchField, status, test } from './demo-page.js'

const TOPICS = ['honey bees', 'coral reefs', 'bread prices']
const DIMENSION = 768

/** Papers as Semantic Scholar's API gives them: near others of their topic by vectors that no model of the page makes. */
const answer = (count: number, change: (vector: (number | null)[], index: number) => (number | null)[] = (vector) => vector) =>
  JSON.stringify({
    data: Array.from({ length: count }, (_, index) => ({
      paperId: `s2-${index}`,
      corpusId: index,
      title: `Part ${index} of a study of ${TOPICS[index % 3]}`,
      abstract: `What is known of ${TOPICS[index % 3]}.`,
      year: 2000 + (index % 20),
      embedding: {
        model: 'specter_v2',
        vector: change(
          Array.from({ length: DIMENSION }, (_, at) => (at % 3 === index % 3 ? 1 : 0) + Math.sin(index * 7919 + at) / 10),
          index,
        ),
      },
    })),
  })

test("a file's vectors are used as they are: the library searches by papers and words without a model, also after a reload", async ({
  page,
  demo,
}) => {
  const models: string[] = []
  page.on('request', (request) => {
    if (/models\/.*(?:onnx|tokenizer)|embed.*\.js/.test(request.url())) models.push(request.url())
  })
  const dialog = page.getByRole('dialog', { name: 'Add papers' })
  await page.goto(demo.url)

  await test.step('the report says how many vectors come with the file', async () => {
    const wrong = answer(60, (vector, index) =>
      index === 3 ? vector.slice(1) : index === 5 ? [null, ...vector.slice(1)] : vector,
    )
    await addFiles(page, [{ name: 's2.json', text: wrong }])
    await expect(dialog).toContainText('58 vectors of specter_v2, 768 numbers each')
    await expect(dialog).toContainText('The others are embedded here.')
    await dialog.getByRole('button', { name: 'Close' }).click()
  })

  await test.step('papers are found near papers', async () => {
    await addFiles(page, [{ name: 's2.json', text: answer(60) }])
    await expect(dialog).toContainText('No model is needed to open this library.')
    await dialog.getByRole('button', { name: 'Add 60 papers' }).click()
    await expect(status(page)).toHaveText(/60 papers · search by words/)
    const near = async () => {
      await searchField(page).fill('coral')
      await expect(rows(page).first()).toContainText('coral reefs')
      await rows(page).first().click()
      await paperPane(page)
        .getByRole('button', { name: /^More like this/ })
        .click()
      await expect(rows(page).first()).toContainText(/by meaning; distance/)
      await expect(rows(page).nth(15)).toContainText('coral reefs')
    }
    await near()
    await page.reload()
    await expect(status(page)).toHaveText(/60 papers · search by words/)
    await near()
    expect(models).toEqual([])
  })
})
