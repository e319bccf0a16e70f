import { readFileSync } from 'node:fs'
import { mapPapers, showMap } from './views/map-harness.js'
import { expect, HOSTILE, test, violations } from './views/site.js'

const stage = '.map-stage'

test('draws papers with WebGL, names clusters by their terms, and selects the papers in a lasso', async ({ page }) => {
  await showMap(page, mapPapers(400))
  const clusters = page.getByRole('list', { name: 'Clusters' }).getByRole('listitem')
  await expect(clusters).toHaveCount(4)
  for (const words of ['reefs', 'folding', 'trade', 'attention'])
    await expect(page.getByRole('list', { name: 'Clusters' })).toContainText(words)

  // Pixels on the screen in the first four colours of the palette.
  const shot = await page.locator(stage).screenshot()
  const seen = await page.evaluate(async (base64) => {
    const image = await createImageBitmap(
      new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: 'image/png' }),
    )
    const canvas = new OffscreenCanvas(image.width, image.height)
    const context = canvas.getContext('2d')!
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, 0, image.width, image.height)
    const near = ([red, green, blue]: readonly number[]) => {
      let count = 0
      for (let at = 0; at < data.length; at += 4)
        if (Math.abs(data[at]! - red!) + Math.abs(data[at + 1]! - green!) + Math.abs(data[at + 2]! - blue!) < 60) count++
      return count
    }
    return [
      [0, 114, 178],
      [230, 159, 0],
      [0, 158, 115],
      [204, 121, 167],
    ].map(near)
  }, shot.toString('base64'))
  for (const count of seen) expect(count).toBeGreaterThan(200)

  const box = (await page.locator(stage).boundingBox())!
  await page.keyboard.press('l')
  await expect(page.getByRole('button', { name: 'Lasso' })).toHaveAttribute('aria-pressed', 'true')
  const corners = [
    [2, 2],
    [box.width - 2, 2],
    [box.width - 2, box.height / 2],
    [2, box.height / 2],
  ] as const
  await page.mouse.move(box.x + corners[0][0], box.y + corners[0][1])
  await page.mouse.down()
  for (const [x, y] of corners) await page.mouse.move(box.x + x, box.y + y, { steps: 4 })
  await page.mouse.up()
  const { selected, above } = await page.evaluate(() => {
    const { ids, positions } = window.map.layout!
    const middle =
      (Math.min(...positions.filter((_, at) => at % 2 === 1)) + Math.max(...positions.filter((_, at) => at % 2 === 1))) / 2
    return { selected: window.mapEvents.selected, above: ids.filter((_, row) => positions[row * 2 + 1]! < middle).length }
  })
  // The view shows all points, so the upper half of the stage is about the upper half of the map.
  expect(selected.length).toBeGreaterThan(0)
  expect(Math.abs(selected.length - above)).toBeLessThan(60)
  await expect(page.getByRole('status')).toContainText(`${selected.length} of 400 papers selected`)

  await page.keyboard.press('Escape')
  await expect(page.getByRole('status')).toHaveText('400 papers')
  expect(await page.evaluate(() => window.mapEvents.selected)).toEqual([])
})

test('works with the keyboard and the list of clusters, and axe finds nothing', async ({ page }) => {
  await showMap(page, mapPapers(200))
  expect(await violations(page)).toEqual([])
  const first = page.getByRole('list', { name: 'Clusters' }).getByRole('button').first()
  await first.focus()
  await page.keyboard.press('Enter')
  expect((await page.evaluate(() => window.mapEvents.selected)).length).toBe(50)
  const before = await page.locator(stage).screenshot()
  await page.keyboard.press('0')
  await page.keyboard.press('+')
  await page.locator(stage).focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(async () => (await page.locator(stage).screenshot()).equals(before)).toBe(false)

  await page.evaluate(() => window.map.select(['p1', 'p2', 'nowhere']))
  await expect(page.getByRole('status')).toContainText('2 of 200 papers selected')

  for (const colour of ['year', 'venue', 'label']) {
    await page.getByLabel('Colour by').selectOption(colour)
    await expect(page.getByRole('list', { name: 'Colours' })).toContainText(
      { year: '2020', venue: 'other', label: 'label 1' }[colour]!,
    )
  }
})

test('shows the text of records as text, and opens the paper under the pointer', async ({ page }) => {
  const papers = mapPapers(8).map((paper) => ({ ...paper, title: HOSTILE, authors: HOSTILE, venue: HOSTILE, labels: [HOSTILE] }))
  await showMap(page, papers)
  const place = await page.evaluate(() => {
    const { left, top, width, height } = document.querySelector('.map-stage')!.getBoundingClientRect()
    return { left, top, width, height }
  })
  // Moves the pointer over the stage until it finds a paper.
  for (let y = 20; y < place.height; y += 12) {
    for (let x = 20; x < place.width; x += 14) {
      await page.mouse.move(place.left + x, place.top + y)
      if (await page.locator('.map-card').isVisible()) {
        await expect(page.locator('.map-card')).toContainText(HOSTILE)
        await page.mouse.click(place.left + x, place.top + y)
        expect(await page.evaluate(() => window.mapEvents.opened)).toHaveLength(1)
        expect(await page.evaluate(() => 'harmed' in window)).toBe(false)
        await page.getByLabel('Colour by').selectOption('venue')
        await expect(page.getByRole('list', { name: 'Colours' })).toContainText(HOSTILE)
        return
      }
    }
  }
  throw new Error('No paper was found under the pointer.')
})

test('papers of a saved layout keep their places, and drawing can be cancelled', async ({ page }) => {
  await showMap(page, mapPapers(120))
  const before = await page.evaluate(() => window.map.layout!)
  await showMap(page, mapPapers(130), { keepLayout: true })
  const after = await page.evaluate(() => window.map.layout!)
  expect(Object.values(after.positions).slice(0, 240)).toEqual(Object.values(before.positions))
  const added = Object.values(after.positions).slice(240)
  expect(added.every((value) => Number.isFinite(value) && value !== 0)).toBe(true)

  const shown = showMap(page, mapPapers(4000))
  await page.getByRole('button', { name: 'Cancel' }).click()
  await shown
  await expect(page.getByText('The map was not drawn.')).toBeVisible()
  expect(await page.evaluate(() => window.map.layout)).toBeNull()
})

test('draws on a 2-D canvas without WebGL, and keeps all points in sight when the page becomes narrow', async ({ page }) => {
  await page.evaluate(() => {
    const { getContext } = HTMLCanvasElement.prototype
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...options: unknown[]) {
      return kind === 'webgl' ? null : Reflect.apply(getContext, this, [kind, ...options])
    } as typeof getContext
  })
  await showMap(page, mapPapers(200))
  /** How many pixels are drawn, and where they start and end as a share of the width. */
  const drawn = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.map-points')!
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      let [count, left, right] = [0, 1, 0]
      for (let at = 3; at < data.length; at += 4) {
        if (data[at] === 0) continue
        count++
        const x = (((at - 3) / 4) % canvas.width) / canvas.width
        left = Math.min(left, x)
        right = Math.max(right, x)
      }
      return { count, left, right }
    })
  expect((await drawn()).count).toBeGreaterThan(1000)
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(async () => (await drawn()).right).toBeLessThan(0.99)
  expect((await drawn()).left).toBeGreaterThan(0.01)
})

test('saves the map as an image with names and legend', async ({ page }) => {
  await showMap(page, mapPapers(120))
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save image' }).click()
  const download = await waiting
  expect(download.suggestedFilename()).toBe('map.png')
  const bytes = readFileSync((await download.path())!)
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  const box = (await page.locator(stage).boundingBox())!
  expect(bytes.readUInt32BE(16)).toBe(Math.round(box.width) * 2)
  expect(bytes.readUInt32BE(20)).toBeGreaterThan(Math.round(box.height) * 2)
})

test('says what a map needs if there is nothing to draw', async ({ page }) => {
  await showMap(page, [])
  await expect(page.getByText('There is nothing to map yet.')).toBeVisible()
  expect(await violations(page)).toEqual([])
})
