import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { workFolder } from './global-setup.js'

/** Runs a module in the app that has installed the package, which has no other dependencies. */
const run = (module: string) =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', module], {
      cwd: join(workFolder, 'stranger'),
      encoding: 'utf8',
    }),
  )

test('neither the workers of the package nor those of an app built with it contain the runtime', () => {
  const found = ['node_modules/specter2-web/dist/workers', 'dist/assets'].flatMap((name) => {
    const folder = join(workFolder, 'stranger', name)
    const scripts = readdirSync(folder).filter((file) => /^(embed|library|papers).*\.js$/.test(file))
    return scripts.map((file) => ({ file, runtime: readFileSync(join(folder, file), 'utf8').match(/onnxruntime|ort\.webgpu/g) }))
  })
  expect(found.length).toBe(6)
  expect(found.filter(({ runtime }) => runtime !== null)).toEqual([])
})

test('the installed package compares every pair of vectors', () => {
  const { k, indices } = run(`
    import { neighbourGraph } from 'specter2-web/neighbours'
    const { k, indices } = neighbourGraph(Float32Array.of(0, 1, 0.1, 1, 1, 0, 1, 0.1), { dimension: 2, k: 1 })
    console.log(JSON.stringify({ k, indices: [...indices] }))
  `)
  expect({ k, indices }).toEqual({ k: 1, indices: [1, 0, 3, 2] })
})

test('the installed package reads papers and finds, reviews and merges duplicates outside a page', () => {
  const { groups, kept, removed } = run(`
    import { readPapers } from 'specter2-web/papers'
    import { decisionsOf, emptyReview, findDuplicates, mergeLibrary, prismaCounts } from 'specter2-web/duplicates'
    const record = (key, doi) => '@article{' + key + ', title={The shape of ferns in wind}, author={Okoro, Ada and Lind, Per}, ' +
      'journal={Annals of Ferns}, year={1998}, volume={3}, pages={10--19}' + doi + '}\\n'
    const { papers } = await readPapers([new File([record('a', ''), record('b', ', doi={10.5555/ferns}')], 'ferns.bib')])
    const { groups } = await findDuplicates(papers, { decisions: decisionsOf(emptyReview) })
    const merged = mergeLibrary(papers, groups)
    const removed = prismaCounts(papers, { groups }, merged, emptyReview).duplicates
    console.log(JSON.stringify({ groups: groups.length, kept: merged.papers.map(({ key, doi }) => ({ key, doi })), removed }))
  `)
  expect({ groups, kept, removed }).toEqual({ groups: 1, kept: [{ key: 'b', doi: '10.5555/ferns' }], removed: 1 })
})
