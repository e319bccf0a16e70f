/** The built page: what a reader does on it, starting from an empty browser. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { encodeIndexFile } from '../src/core/index-file/index-file.js'
import {
  addFiles,
  axe,
  bibliography,
  details,
  embedded,
  expect,
  openSample,
  otherReader,
  paperPane,
  rows,
  searchField,
  status,
  test,
} from './demo-page.js'

test('embeds the sample library and finds a paper by its meaning, with no request to anyone else', async ({ page, demo }) => {
  await openSample(page, demo)
  await expect(details(page)).toContainText('all-MiniLM-L6-v2')
  await page.keyboard.press('/')
  await page.keyboard.type('why people misjudge risk')
  await expect(rows(page).first()).toContainText('Prospect Theory')
  await expect(page.locator('#summary')).toContainText(/found of 72 papers, .* in \d+ ms/)
  await expect(page.getByText('nothing leaves this browser', { exact: true })).toBeVisible()
})

test('a reader imports 500 records, embeds, reloads, searches, annotates, exports and continues offline', async ({
  page,
  context,
  browser,
  demo,
}) => {
  test.setTimeout(240_000)
  await page.goto(demo.url)

  await test.step('the report says what was read, and what was not and why', async () => {
    await addFiles(page, [
      { name: 'review.bib', text: bibliography(500) },
      { name: 'rest.jsonl', text: '{"id":"cut","title":"A record that\n' },
    ])
    const dialog = page.getByRole('dialog', { name: 'Add papers' })
    await expect(dialog.getByRole('status')).toContainText('500 papers read, 500 with an abstract. 1 record could not be read.')
    await expect(dialog.getByRole('listitem')).toContainText('rest.jsonl, line 1 a string is not closed')
    await dialog.getByRole('button', { name: 'Add 500 papers' }).click()
    await expect(page.getByRole('button', { name: /^review/ })).toHaveAttribute('aria-current', 'true')
    // Found by their words before any model is loaded.
    await searchField(page).fill('varroa')
    await expect(rows(page).first()).toContainText(/varroa/i)
    await searchField(page).fill('')
  })

  await test.step('a reload during embedding resumes it', async () => {
    await expect(page.locator('#work-text')).toContainText(/Embedding [1-9]\d* of 500/, { timeout: 90_000 })
    await page.reload()
    await expect(page.locator('#work-text')).toContainText(/Embedding \d+ of \d+/, { timeout: 60_000 })
    const left = Number(/of (\d+)/.exec((await page.locator('#work-text').textContent())!)![1])
    expect(left).toBeLessThan(500)
    await page.getByRole('button', { name: 'Pause' }).click()
    await expect(status(page)).toContainText(/\d+ of 500 papers embedded/)
    await page.getByRole('button', { name: 'Resume embedding' }).click()
    await embedded(page, 500)
  })

  await test.step('filters, labels and a note', async () => {
    await searchField(page).fill('insects that die in the cold season')
    await expect(rows(page).first()).toContainText(/honey bees/i)
    await page.getByRole('textbox', { name: 'From year' }).fill('2010')
    await page.getByRole('combobox', { name: 'Filter by venue' }).fill('Annals of Repeatability')
    await expect(rows(page).first()).toContainText('Annals of Repeatability')
    for (const year of await rows(page).locator('.year').allTextContents()) expect(Number(year)).toBeGreaterThanOrEqual(2010)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await expect(page.locator('#summary')).toContainText('500 papers')
    await rows(page).first().getByRole('button').click()
    const title = (await paperPane(page).getByRole('heading', { level: 2 }).textContent())!
    await paperPane(page).getByRole('textbox', { name: 'Note' }).fill('Read this again.')
    await paperPane(page).getByRole('combobox', { name: 'Add a label' }).fill('to read')
    await page.keyboard.press('Enter')
    // The search by words may have changed the order since.
    const row = rows(page).filter({ hasText: title })
    await expect(row).toContainText('to read')
    await expect(row).toContainText('note')
  })

  await test.step('another tab sees the label', async () => {
    const other = await context.newPage()
    await other.goto(demo.url)
    await expect(other.locator('#values-label option').first()).toHaveAttribute('label', 'to read (1)')
    await paperPane(page).getByRole('button', { name: 'Remove the label to read' }).click()
    await expect(other.getByRole('combobox', { name: 'Filter by label' })).toBeHidden()
    await paperPane(page).getByRole('combobox', { name: 'Add a label' }).fill('kept')
    await page.keyboard.press('Enter')
    await expect(other.locator('#values-label option').first()).toHaveAttribute('label', 'kept (1)')
    await other.close()
  })

  const file = await test.step('references, vectors and the library are exported', async () => {
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await searchField(page).fill('')
    await page.getByRole('button', { name: 'Export' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Export' })
    const save = async (name: string) => {
      const saved = page.waitForEvent('download')
      await dialog.getByRole('button', { name }).click()
      return readFileSync(await (await saved).path())
    }
    const ris = (await save('RIS')).toString()
    expect(ris.match(/^ER {2}-/gm)).toHaveLength(500)
    const npy = await save('Vectors .npy')
    expect(npy.toString('latin1', 1, 6)).toBe('NUMPY')
    expect(npy.length).toBe(128 + 500 * 384 * 4)
    const whole = await save('The library as one file')
    await dialog.getByRole('button', { name: 'Close' }).click()
    return whole
  })

  await test.step('another reader opens the library file, with labels, notes and vectors', async () => {
    const other = await otherReader(browser, demo)
    await other.goto(demo.url)
    await addFiles(other, [{ name: 'from-a-colleague.papers', text: file }])
    await expect(status(other)).toContainText('500 papers', { timeout: 30_000 })
    await other.getByRole('combobox', { name: 'Filter by label' }).fill('kept')
    await expect(rows(other)).toHaveCount(1)
    await rows(other).first().getByRole('button').click()
    await expect(paperPane(other).getByRole('textbox', { name: 'Note' })).toHaveValue('Read this again.')
    await other.context().close()
  })

  await test.step('the page opens offline and searches by meaning', async () => {
    demo.close()
    const offline = await context.newPage()
    await offline.goto(demo.url)
    await expect(details(offline)).toContainText('all-MiniLM-L6-v2', { timeout: 60_000 })
    await searchField(offline).fill('fish and the sea getting hotter')
    await expect(rows(offline).first()).toContainText(/coral reefs/i)
    // The browser's own messages about failed requests.
    demo.complaints.length = 0
  })
})

test('cancelling keeps what is embedded, and embedding resumes only when the reader says so', async ({ page, demo }) => {
  const embedders = () => page.workers().filter((worker) => /embed/.test(worker.url())).length
  const part = /\b(\d+) of 990 papers embedded/
  await page.goto(demo.url)
  await addFiles(page, [{ name: 'review.bib', text: bibliography(990) }])
  await page.getByRole('button', { name: 'Add 990 papers' }).click()
  await expect(page.locator('#work-text')).toContainText(/Embedding [1-9]/, { timeout: 90_000 })
  expect(embedders()).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Cancel embedding' }).press('Enter')
  await expect(page.locator('#work')).toBeHidden()
  await expect(page.getByRole('button', { name: 'Resume embedding' })).toBeFocused()
  await expect(page.locator('#toast')).toContainText('Cancelled.')
  await expect(details(page)).toContainText('No model is loaded')
  await expect(status(page)).toContainText(part)
  await expect.poll(embedders).toBe(0)

  await test.step('search by meaning loads the model without resuming', async () => {
    await searchField(page).fill('varroa')
    await expect(page.locator('#summary')).toContainText('by words alone')
    await page.getByRole('button', { name: 'search by meaning, too' }).click()
    await expect(details(page)).toContainText('all-MiniLM-L6-v2', { timeout: 60_000 })
    await expect(page.locator('#summary')).toContainText(/ in \d+ ms/)
  })

  await test.step('a reload does not resume either', async () => {
    const count = part.exec((await status(page).textContent())!)![0]
    await page.reload()
    await expect(details(page)).toContainText('all-MiniLM-L6-v2', { timeout: 60_000 })
    await expect(page.locator('#work')).toBeHidden()
    await expect(status(page)).toContainText(count)
  })

  await test.step('keys resume and cancel', async () => {
    await page.keyboard.press('g')
    await expect(page.locator('#work-text')).toContainText(/Embedding \d/, { timeout: 60_000 })
    await page.keyboard.press('q')
    await expect(page.getByRole('button', { name: 'Resume embedding' })).toBeVisible()
    await expect(details(page)).toContainText('No model is loaded')
    await page.keyboard.press('g')
    await embedded(page, 990)
  })
})

test('embedding neither disturbs what the reader is doing nor makes screen readers speak', async ({ page, demo }) => {
  const done = async () => Number(/Embedding (\d+)/.exec((await page.locator('#work-text').textContent())!)?.[1])
  await page.goto(demo.url)
  await addFiles(page, [{ name: 'review.bib', text: bibliography(990) }])
  await page.getByRole('button', { name: 'Add 990 papers' }).click()
  await expect(page.locator('#work-text')).toContainText(/Embedding [1-9]/, { timeout: 90_000 })
  await searchField(page).fill('compare')
  await page.getByRole('radio', { name: 'Words' }).check()
  await expect(page.locator('#summary')).toContainText(/with (?:the|all) words/)
  // Scrolling to the end of the first hundred loads the second.
  const last = page.locator('#results li').last()
  await expect(last).toHaveAttribute('aria-setsize', '100')
  await page.locator('#papers').evaluate((list) => list.scrollTo(0, list.scrollHeight))
  await expect(last).toHaveAttribute('aria-setsize', '200')
  await rows(page).first().click()
  const copy = paperPane(page).getByRole('button', { name: 'Copy BibTeX' })
  await copy.focus()
  const held = await page.evaluateHandle(() => {
    const abstract = document.querySelector('#pane .abstract')!
    getSelection()!.selectAllChildren(abstract)
    const nodes = ['#pane h2', '#pane .abstract', '#results li', '#filters option:last-child', '#libraries button'].map(
      (selector) => document.querySelector(selector)!,
    )
    const held = { nodes, announced: [] as (string | null)[] }
    const observer = new MutationObserver((changes) => held.announced.push(...changes.map(({ target }) => target.textContent)))
    const options = { childList: true, characterData: true, subtree: true }
    for (const live of document.querySelectorAll('[role="status"], [aria-live]')) observer.observe(live, options)
    return held
  })
  const before = await done()
  await page.waitForTimeout(2500)
  await expect.poll(done).toBeGreaterThan(before + 5)
  expect(await held.evaluate(({ nodes }) => nodes.map((node) => node.isConnected))).toEqual([true, true, true, true, true])
  expect(await held.evaluate(({ announced }) => announced)).toEqual([])
  expect(await page.evaluate(() => String(getSelection()))).toContain('compare')
  await expect(copy).toBeFocused()
  await expect(last).toHaveAttribute('aria-setsize', '200')
})

test('works by keyboard alone: a result is opened, labelled, used as an example, removed and restored', async ({
  page,
  demo,
}) => {
  await page.goto(demo.url)
  await page.getByRole('button', { name: 'Try the sample library' }).focus()
  await page.keyboard.press('Enter')
  await embedded(page, 72)
  await page.keyboard.press('Escape')
  await page.keyboard.press('/')
  await page.keyboard.type('molecule of heredity')
  await expect(rows(page).first()).toContainText(/nucleic acid/i)
  await page.keyboard.press('ArrowDown')
  await expect(rows(page).first().getByRole('button')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(paperPane(page)).toContainText(/helical/i)
  await page.keyboard.press('l')
  await page.keyboard.type('classic')
  await page.keyboard.press('Enter')
  await expect(paperPane(page).getByRole('button', { name: 'Remove the label classic' })).toBeVisible()
  await page.keyboard.press('m')
  await expect(page.locator('#examples')).toContainText('Like Molecular Structure')
  await page.keyboard.press('Escape')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await expect(page.getByText('1 paper selected').first()).toBeVisible()
  await page.keyboard.press('Delete')
  await expect(status(page)).toContainText('71 papers')
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await embedded(page, 72)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keys and help' })).toBeVisible()
})

test('the help lists the keys, and each of them does what it says', async ({ page, demo }) => {
  test.setTimeout(180_000)
  const { keyboard } = page
  const row = (index: number) => rows(page).nth(index).getByRole('button')
  const view = (name: string) => page.locator(`#views [data-page="${name}"]`)
  const paneTitle = page.locator('#pane h2')
  const press = async (key: string, expectation: () => Promise<void>) => {
    await keyboard.press(key)
    await expectation()
  }
  /** Back to the list of all papers, with nothing open or selected, by the key for it. */
  const reset = async () => {
    const isReset = async () => {
      await keyboard.press('Escape')
      await expect(paneTitle).toHaveText('Sample', { timeout: 500 })
      await expect(searchField(page)).toHaveValue('')
      await expect(page.locator('#examples')).toBeHidden({ timeout: 500 })
    }
    await expect(isReset).toPass()
    await keyboard.press('1')
    await row(0).focus()
  }
  const open = async () => {
    await row(0).press('Enter')
    await expect(paneTitle).not.toHaveText('Sample')
  }
  const opensDialog = (name: string) => (key: string) =>
    press(key, () => expect(page.getByRole('dialog', { name })).toBeVisible())
  const opensView = (name: string) => (key: string) =>
    press(key, () => expect(view(name)).toHaveAttribute('aria-current', 'page'))
  const movesTo = (index: number) => (key: string) => press(key, () => expect(row(index)).toBeFocused())

  const checks: Record<string, Record<string, (key: string) => Promise<void>>> = {
    Anywhere: {
      '/': (key) => press(key, () => expect(searchField(page)).toBeFocused()),
      Escape: async (key) => {
        await open()
        await press(key, () => expect(paneTitle).toHaveText('Sample'))
      },
      '1': async (key) => {
        await keyboard.press('2')
        await opensView('papers')(key)
      },
      '2': opensView('map'),
      '3': opensView('duplicates'),
      '4': opensView('screening'),
      o: async (key) => {
        const chooser = page.waitForEvent('filechooser')
        await keyboard.press(key)
        await chooser
      },
      p: opensDialog('Paste papers'),
      e: opensDialog('Export'),
      h: opensDialog('History of this library'),
      // These two need work, and are checked below.
      g: async () => {},
      q: async () => {},
      '?': opensDialog('Keys and help'),
    },
    'In the papers view': {
      j: movesTo(1),
      k: async (key) => {
        await row(1).focus()
        await movesTo(0)(key)
      },
    },
    'For the open paper, or the focused one': {
      x: (key) => press(key, () => expect(paneTitle).toHaveText('1 paper selected')),
      m: (key) => press(key, () => expect(page.locator('#examples')).toContainText('Like ')),
      n: async (key) => {
        await open()
        const opened = (await paneTitle.textContent())!
        await keyboard.press('m')
        // The paper itself is not among those like it.
        await expect(rows(page).getByRole('button', { name: opened, exact: true })).toHaveCount(0)
        await row(0).focus()
        await press(key, () => expect(page.locator('#examples')).toContainText('Unlike '))
      },
      c: (key) => press(key, () => expect(page.locator('#toast')).toContainText(/is copied|did not allow copying/)),
      l: async (key) => {
        await open()
        await press(key, () => expect(page.locator('#new-label')).toBeFocused())
      },
      t: async (key) => {
        await open()
        await press(key, () => expect(page.locator('#note')).toBeFocused())
      },
      Delete: async (key) => {
        await press(key, () => expect(status(page)).toContainText('71 papers'))
        await page.getByRole('button', { name: 'Undo' }).click()
        await embedded(page, 72)
      },
    },
    'In the list': {
      ArrowDown: movesTo(1),
      ArrowUp: async (key) => {
        await row(1).focus()
        await movesTo(0)(key)
      },
      PageDown: (key) => press(key, () => expect(page.locator('[aria-posinset="11"] .title')).toBeFocused()),
      PageUp: async (key) => {
        await keyboard.press('PageDown')
        await movesTo(0)(key)
      },
      Enter: (key) => press(key, () => expect(paneTitle).not.toHaveText('Sample')),
    },
    'In the search field': {
      ArrowDown: async (key) => {
        await searchField(page).focus()
        await movesTo(0)(key)
      },
      Enter: async (key) => {
        await searchField(page).fill('molecule of heredity')
        await movesTo(0)(key)
        await expect(row(0)).toContainText(/nucleic acid/i)
      },
    },
  }

  // From the start on: the browser takes a moment to hand its dialog over.
  page.on('filechooser', () => {})
  await openSample(page, demo)
  await row(0).focus()
  await keyboard.press('?')
  await expect(page.locator('.keys').first()).toBeVisible()
  const listed = await page.locator('.keys').evaluateAll((lists) =>
    lists.map((list) => {
      const names: Record<string, string> = { esc: 'Escape', del: 'Delete', enter: 'Enter', '↓': 'ArrowDown', '↑': 'ArrowUp' }
      Object.assign(names, { 'page down': 'PageDown', 'page up': 'PageUp' })
      const keys = [...list.querySelectorAll('kbd')].map(({ textContent }) => names[textContent] ?? textContent)
      return [list.previousElementSibling!.textContent, keys.sort()]
    }),
  )
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(Object.entries(checks).map(([place, keys]) => [place, Object.keys(keys).sort()])),
  )
  for (const [place, keys] of Object.entries(checks)) {
    for (const [key, check] of Object.entries(keys)) {
      await test.step(`${place}: ${key}`, async () => {
        await reset()
        await check(key)
      })
    }
  }

  await test.step('Anywhere: g and q', async () => {
    await reset()
    await addFiles(page, [{ name: 'review.bib', text: bibliography(990) }])
    await page.getByRole('button', { name: 'Add 990 papers' }).click()
    await expect(page.locator('#work-text')).toContainText(/Embedding [1-9]/, { timeout: 60_000 })
    const resume = page.getByRole('button', { name: 'Resume embedding' })
    await press('g', () => expect(resume).toBeVisible())
    await press('g', () => expect(page.locator('#work')).toBeVisible())
    await press('q', () => expect(page.locator('#toast')).toContainText('Cancelled.'))
  })
})

test('works on a phone: pages with tabs, and nothing wider than the screen', async ({ page, demo }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await openSample(page, demo)
  const fits = async () => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow).toBe(0)
  }
  await searchField(page).fill('molecule of heredity')
  await expect(rows(page).first()).toContainText(/nucleic acid/i)
  await fits()
  await rows(page).first().getByRole('button').click()
  await expect(paperPane(page)).toContainText(/helical/i)
  await fits()
  await page.goBack()
  await expect(paperPane(page)).toBeHidden()
  await page.getByRole('button', { name: 'Libraries' }).click()
  await expect(page.getByText('How to cite')).toBeVisible()
  await expect(rows(page).first()).toBeHidden()
  await fits()
})

test('a library is renamed, deleted and restored, and another tab follows', async ({ page, context, demo }) => {
  await page.goto(demo.url)
  await page.getByRole('button', { name: 'New library' }).click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'Name of the library' }).fill('Thesis')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Thesis/ })).toBeVisible()
  const other = await context.newPage()
  await other.goto(demo.url)
  await expect(other.getByRole('button', { name: /^Thesis/ })).toBeVisible()
  await page.getByRole('button', { name: 'Delete the library Thesis' }).click()
  await expect(other.getByRole('button', { name: /^Thesis/ })).toBeHidden()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('button', { name: /^Thesis/ })).toBeVisible()
  await expect(other.getByRole('button', { name: /^Thesis/ })).toBeVisible()
})

test('pasted papers are embedded, and pasted records are recognized', async ({ page, demo }) => {
  await page.goto(demo.url)
  const paste = async (text: string) => {
    await page.getByRole('button', { name: 'Paste papers' }).first().click()
    await page.getByRole('textbox', { name: 'Papers' }).fill(text)
    await page.getByRole('button', { name: 'Read', exact: true }).click()
  }
  await paste('TY  - JOUR\nTI  - Sourdough cultures of the north\nAU  - Ek, Ida\nPY  - 2001\nER  -\n')
  await expect(page.getByRole('dialog').getByRole('cell', { name: 'ris' })).toBeVisible()
  await page.getByRole('button', { name: 'Close' }).click()
  await paste(
    'Sleep loss slows wound healing in mice\nWounds closed later in mice kept awake.\n\nBread prices in a city archive\nHarvest failure explains the spikes.',
  )
  await page.getByRole('button', { name: 'Add 2 papers' }).click()
  await embedded(page, 2)
  await searchField(page).fill('cost of food in history')
  await expect(rows(page).first()).toContainText('Bread prices')
})

const evil = (field: string) => `<img src=x onerror="window.hacked='${field}'">${field}<script>window.hacked='${field}'</script>`

/** No part of a record has become an element, a script, or a link that is not to the web. */
async function expectNoMarkup(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    images: document.querySelectorAll('img:not(.flow)').length,
    scripts: document.querySelectorAll('script:not([src])').length,
    links: [...document.querySelectorAll('a')].filter(({ protocol }) => !/^https?:$/.test(protocol)).length,
    hacked: 'hacked' in window || 'hacked' in {},
  }))
  expect(found).toEqual({ images: 0, scripts: 0, links: 0, hacked: false })
}

test('every field of a record is shown as text, never as markup', async ({ page, demo }) => {
  const record = {
    id: evil('id'),
    title: evil('title'),
    abstract: evil('abstract'),
    authors: [{ name: evil('author') }, { family: evil('family'), given: evil('given') }],
    year: 2001,
    venue: evil('venue'),
    volume: evil('volume'),
    type: evil('type'),
    doi: evil('doi'),
    pmid: evil('pmid'),
    arxivId: evil('arxivId'),
    url: `javascript:window.hacked='url'`,
    keywords: [evil('keyword')],
  }
  await page.route('**/models/**', (route) => route.fulfill({ status: 404 }))
  await page.goto(demo.url)
  const check = () => expectNoMarkup(page)
  const broken = `{"id":"c","title":"${evil('raw').replaceAll('"', "'")}\n`
  await addFiles(page, [
    {
      name: `${evil('file').replaceAll('/', '∕')}.jsonl`,
      text: `${JSON.stringify(record)}\n${JSON.stringify({ ...record, id: 'b' })}\n`,
    },
    { name: 'broken.jsonl', text: broken },
  ])
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('status')).toContainText('2 papers read')
  await check()
  await dialog.getByRole('textbox', { name: 'Name of the new library' }).fill(evil('library'))
  await dialog.getByRole('button', { name: /^Add 2 papers/ }).click()
  await expect(page.getByRole('alert')).toContainText('The model did not load')
  await expect(rows(page).first()).toContainText('<img src=x')
  await searchField(page).fill('abstract title')
  await expect(rows(page).first().locator('mark').first()).toBeVisible()
  await check()
  await rows(page).first().getByRole('button').click()
  for (const field of ['title', 'abstract', 'author', 'family', 'venue', 'file'])
    await expect(paperPane(page)).toContainText(`${field}<script>`)
  await paperPane(page).getByRole('combobox', { name: 'Add a label' }).fill('<img src=x onerror=alert(1)>')
  await page.keyboard.press('Enter')
  await expect(rows(page).first()).toContainText('<img src=x onerror=alert(1)>')
  await paperPane(page).getByRole('textbox', { name: 'Note' }).fill(evil('note'))
  await expect(rows(page).first().locator('.meta')).toContainText('note')
  await expect(page.locator('#libraries')).toContainText('library<script>')
  await check()
  await page.getByRole('button', { name: 'Export' }).first().click()
  await check()
  await page.keyboard.press('Escape')
  // This test blocks the model's files.
  demo.complaints.length = 0
})

/** A library file with these records, valid or not. */
async function libraryFile(records: readonly object[]): Promise<Buffer> {
  async function* parts() {
    yield records.map((paper) => ({ paper: paper as { id: string; title: string }, vector: null }))
  }
  const header = { id: 'hostile', model: null, vectors: 'float32', papers: records.length } as const
  const pieces: Uint8Array[] = []
  for await (const piece of encodeIndexFile(header, parts())) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('a library file is shown as text whatever its records contain, or is rejected', async ({ page, demo }) => {
  const records = [
    {
      id: evil('id'),
      title: evil('title'),
      abstract: evil('abstract'),
      authors: [evil('author'), { name: evil('name') }, 7, null, { family: {} }],
      year: '<script>',
      venue: { html: evil('venue') },
      doi: ['10.1/x'],
      pmid: `1"onclick="window.hacked='pmid'`,
      url: `javascript:window.hacked='url'`,
      keywords: evil('keyword'),
      type: 3,
      source: { file: evil('file') },
      fields: 'none',
      labels: [evil('label'), 5],
      note: evil('note'),
    },
    JSON.parse(
      '{"__proto__":{"hacked":true},"constructor":{"prototype":{"hacked":true}},"id":"__proto__","title":"Named as a prototype","venue":"__proto__","labels":["__proto__","constructor"],"authors":{"length":9},"year":null}',
    ),
    {
      id: 'huge',
      title: 'Long '.repeat(100_000),
      abstract: 'word '.repeat(200_000),
      authors: Array(5000).fill('A. Nonymous'),
      year: 1e308,
      venue: 'V'.repeat(1_000_000),
      note: 'n'.repeat(100_000),
      labels: Array.from({ length: 200 }, (_, index) => `label ${index}`),
    },
  ]
  await page.goto(demo.url)
  await addFiles(page, [{ name: 'hostile.papers', text: await libraryFile(records) }])
  await expect(status(page)).toContainText('3 papers')
  await expect(rows(page)).toHaveCount(3)
  await expectNoMarkup(page)
  await rows(page).first().getByRole('button').click()
  for (const field of ['title', 'abstract', 'author', 'name', 'file', 'label'])
    await expect(paperPane(page)).toContainText(`${field}<script>`)
  await expect(paperPane(page).getByRole('textbox', { name: 'Note' })).toHaveValue(evil('note'))
  await expectNoMarkup(page)
  for (const heading of [/^Named as a prototype$/, /^Long Long/]) {
    await page.keyboard.press('j')
    await expect(paperPane(page).getByRole('heading', { level: 2 })).toHaveText(heading)
    await expectNoMarkup(page)
  }
  await page.getByRole('combobox', { name: 'Filter by label' }).fill('__proto__')
  await expect(rows(page)).toHaveCount(1)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await searchField(page).fill('title abstract word')
  await expect(rows(page).locator('mark').first()).toBeVisible()
  await expectNoMarkup(page)
  await searchField(page).fill('')
  await expect(rows(page)).toHaveCount(3)

  await test.step('its duplicates are found, and it is exported', async () => {
    await page.getByRole('button', { name: /^Duplicates/ }).click()
    await expect(page.getByRole('region', { name: 'Duplicates' }).first().getByRole('status').first()).toContainText(
      'in 3 papers',
    )
    await expectNoMarkup(page)
    await page.getByRole('button', { name: 'Export' }).first().click()
    const saved = page.waitForEvent('download')
    await page.getByRole('dialog', { name: 'Export' }).getByRole('button', { name: 'CSL-JSON' }).click()
    const items = JSON.parse(readFileSync(await (await saved).path(), 'utf8')) as { title: string }[]
    expect(items.map(({ title }) => title.slice(0, 20))).toEqual(records.map(({ title }) => title.slice(0, 20)))
    await page.keyboard.press('Escape')
  })

  await test.step('rejected if a record is invalid or the file is damaged', async () => {
    const wrong = await libraryFile([
      { id: 'a', title: 'A paper' },
      { id: 'b', title: { html: evil('title') } },
    ])
    for (const [text, says] of [
      [wrong, /wrong\.papers is damaged: paper 2\.title/],
      [(await libraryFile([{ id: 'a', title: 'A paper' }])).subarray(0, -10), /wrong\.papers is damaged/],
    ] as const) {
      await addFiles(page, [{ name: 'wrong.papers', text }])
      await expect(page.getByRole('alert')).toContainText(says)
      // The library that was open before is open again, and nothing is left of the other.
      await expect(page.getByRole('button', { name: /^hostile/ })).toHaveAttribute('aria-current', 'true')
      await expect(page.getByRole('button', { name: /^wrong/ })).toBeHidden()
      await expectNoMarkup(page)
    }
  })
})

test('axe finds no problem in light, dark or phone layout, in any view or dialog', async ({ page, demo }) => {
  test.setTimeout(180_000)
  const findings: string[] = []
  const check = async (name: string) => {
    for (const found of await axe(page)) findings.push(`${name}: ${found}`)
  }
  await page.goto(demo.url)
  await check('empty')
  await openSample(page, demo)
  await searchField(page).fill('risk')
  await expect(rows(page).first().locator('mark').first()).toBeVisible()
  await rows(page).first().getByRole('button').click()
  await page.keyboard.press('x')
  await expect(paperPane(page)).toContainText('Summary')
  await check('list and paper')
  await page.emulateMedia({ colorScheme: 'dark' })
  await check('dark')
  for (const [opener, dialog] of [
    ['Export', 'Export'],
    ['Keys and help', 'Keys and help'],
    ['Model', 'Model'],
  ] as const) {
    await page.getByRole('button', { name: opener }).first().click()
    await expect(page.getByRole('dialog', { name: dialog }).getByRole('button').first()).toBeVisible()
    await check(dialog)
    await page.keyboard.press('Escape')
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.getByRole('button', { name: /here$/ }).click()
  await expect(page.getByRole('dialog', { name: 'Storage' })).toContainText('stored here')
  await check('storage')
  await page.keyboard.press('Escape')
  await addFiles(page, [{ name: 'few.bib', text: bibliography(3) }])
  await expect(page.getByRole('button', { name: 'Add 3 papers' })).toBeVisible()
  await check('import report')
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 390, height: 844 })
  await check('phone, paper')
  await page.getByRole('button', { name: 'Libraries' }).click()
  await check('phone, libraries')
  await page.goto(`${demo.url}hub.html`)
  await check('hub')
  expect(findings).toEqual([])
})

test('papers selected on the map are listed; duplicates are merged and restored', async ({ page, demo }) => {
  const findings: string[] = []
  const hostile = '<img src=x onerror=alert(1)>'
  await page.goto(demo.url)
  const twice = bibliography(40).replaceAll('Annals of Repeatability', `Annals ${hostile}`)
  await addFiles(page, [
    { name: 'first.bib', text: twice },
    { name: 'second.bib', text: bibliography(8) },
  ])
  await page.getByRole('button', { name: 'Add 48 papers' }).click()
  await embedded(page, 48)

  await page.keyboard.press('2')
  const map = page.getByRole('region', { name: 'Map' }).first()
  await expect(map.getByRole('status')).toHaveText('48 papers', { timeout: 60_000 })
  const cluster = map.getByRole('list', { name: 'Clusters' }).getByRole('button').first()
  await expect(cluster).toBeVisible({ timeout: 60_000 })
  findings.push(...(await axe(page)))
  await cluster.click()
  const selected = Number(/^(\d+) of 48/.exec((await map.getByRole('status').textContent())!)![1])
  await expect(paperPane(page).getByRole('heading')).toHaveText(`${selected} papers selected`)
  await page.keyboard.press('1')
  await expect(page.locator('#summary')).toContainText(`${selected} of 48 papers`)
  await page.keyboard.press('Escape')
  await expect(page.locator('#summary')).toContainText('48 papers')

  await page.keyboard.press('3')
  const duplicates = page.getByRole('region', { name: 'Duplicates' }).first()
  await expect(duplicates.getByRole('status').first()).toContainText('8 duplicates in 48 papers', { timeout: 60_000 })
  findings.push(...(await axe(page)))
  await duplicates.getByRole('button', { name: 'Merge in this library' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Merge', exact: true }).click()
  await expect(status(page)).toContainText('40 papers')
  expect(await page.locator('img').count()).toBe(0)
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await expect(status(page)).toContainText('48 papers')
  expect(findings).toEqual([])
})

test('the first load is small in bytes and requests, and paints fast', async ({ page, context, demo }) => {
  const bodies: Promise<[string, number]>[] = []
  page.on('response', (response) => {
    bodies.push(response.body().then((body) => [new URL(response.url()).pathname, gzipSync(body).length]))
  })
  await page.goto(demo.url)
  await expect(page.getByRole('button', { name: 'Try the sample library' })).toBeVisible()
  await page.waitForLoadState('networkidle')
  const loaded = await Promise.all(bodies)
  const bytes = loaded.reduce((sum, [, size]) => sum + size, 0)
  expect(loaded.some(([path]) => /ort|minilm|transformers|sample/.test(path))).toBe(false)
  expect(bytes).toBeLessThan(150_000)
  expect(loaded.length).toBeLessThanOrEqual(16)
  // The best of several loads: other work on the machine says nothing about the page.
  const paints: number[] = []
  for (let load = 0; load < 3; load++) {
    const again = await context.newPage()
    await again.goto(demo.url)
    const paint = await again.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
    paints.push((await paint.jsonValue())!)
    await again.close()
  }
  expect(Math.min(...paints)).toBeLessThan(1000)
})
