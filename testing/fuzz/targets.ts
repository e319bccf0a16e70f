import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { gzipSync, strToU8, zipSync } from 'fflate'
import { countsOf, overlapsOf, replay, sourceRows } from '../../demo/history/history.js'
import { readHistory } from '../../demo/history/read-history.js'
import { readAdapter } from '../../src/core/checkpoint/adapter-checkpoint.js'
import { bytesSource } from '../../src/core/checkpoint/byte-source.js'
import { openCheckpoint } from '../../src/core/checkpoint/open-checkpoint.js'
import { convertModel } from '../../src/core/converter/convert.js'
import { buildEncoderGraph } from '../../src/core/converter/encoder-graph.js'
import { q8Form } from '../../src/core/converter/linear-forms.js'
import { nearest } from '../../src/core/converter/rounding.js'
import { parseReview } from '../../src/core/duplicates/review.js'
import { Specter2Error } from '../../src/core/errors.js'
import { encodeIndexFile } from '../../src/core/index-file/index-file.js'
import { npyHeader } from '../../src/core/index-file/npy.js'
import { encodeParquet } from '../../src/core/index-file/parquet.js'
import { parseManifest } from '../../src/core/model-folder/manifest.js'
import { FORMATS, type TextFormat } from '../../src/core/papers/formats.js'
import type { Paper } from '../../src/core/papers/paper.js'
import { readPapers } from '../../src/core/papers/read-papers.js'
import { fileOf } from '../../src/core/papers/testing.js'
import { latexToText } from '../../src/core/papers/text/latex-to-text.js'
import { toPaper } from '../../src/core/papers/to-paper.js'
import { WRITTEN_FORMATS, type WrittenFormat, writePapers } from '../../src/core/papers/write-papers.js'
import { parseQuery } from '../../src/core/search/query-language.js'
import { sha256Hex } from '../../src/core/sha256.js'
import { readEncoder } from '../../src/engine/encoder/read-encoder.js'
import { createGraphRuntime } from '../../src/engine/graph-runtime.js'
import { runtimeFolder } from '../../src/node/paths.js'
import { importIndex } from '../../src/workers/library/import-index.js'
import { MemoryIndexStore } from '../../src/workers/library/memory-index-store.js'
import { StoredIndex } from '../../src/workers/library/stored-index.js'
import { ascii, concat, float32, stateDict, torchLegacy, torchZip, uint32, uint64 } from '../checkpoints.js'
import { collect } from '../collect.js'
import {
  configOf,
  encoderWeights,
  MemorySink,
  memoryFolder,
  onnxBytes,
  publishedAdapter,
  publishedFiles,
  randomTensors,
  smallShape,
} from '../models.js'
import { HOSTILE_TEXTS, mutatedBytes, mutatedJson, mutatedMessage, mutatedText } from './mutations.js'
import { BIBLIOGRAPHIES, TOKENS } from './seeds.js'

/** A reader, and the hostile inputs that it gets. */
export interface FuzzTarget {
  /** Runs of it in every test run. */
  runs: number
  /** Creates inputs and a check of one, which throws for a crash: anything but a typed error or a right result. */
  create(): Promise<fc.IAsyncProperty<unknown>> | fc.IAsyncProperty<unknown>
}

function target<T>(runs: number, input: fc.Arbitrary<T>, check: (input: T) => Promise<void> | void): FuzzTarget {
  return { runs, create: () => property(input, check) }
}

function property<T>(input: fc.Arbitrary<T>, check: (input: T) => Promise<void> | void) {
  return fc.asyncProperty(input, async (value) => {
    try {
      await check(value)
    } catch (error) {
      if (!(error instanceof Specter2Error)) throw error
    }
    const inherited = Object.keys(Object.prototype).concat(Object.keys(Array.prototype))
    if (inherited.length > 0 || 'polluted' in {}) throw new Error(`A prototype has got ${inherited}`)
  })
}

/** Reads a file in pieces; what comes out must be papers, and the reader must not have failed. */
async function readFileOf(content: string | Uint8Array, name: string, pieceBytes = 65_536): Promise<Paper[]> {
  const { papers, files, problems } = await readPapers([fileOf(content, name, pieceBytes)])
  const failed = problems.find(({ code }) => code === 'READER_FAILED')
  if (failed || files.some((file) => file.failed)) throw new Error(failed?.reason ?? 'a reader failed')
  const ids = new Set(papers.map(({ id }) => id))
  if (ids.size !== papers.length) throw new Error('Two papers have one id')
  for (const { fields: _, ...paper } of papers) {
    const again = toPaper(paper)
    if (!isDeepStrictEqual(again, paper)) throw new Error(`This is no paper: ${inspect(paper).slice(0, 500)}`)
  }
  return papers
}

const FILES: Readonly<Record<WrittenFormat, string>> = {
  bibtex: 'x.bib',
  ris: 'x.ris',
  'csl-json': 'x.json',
  csv: 'x.csv',
  jsonl: 'x.jsonl',
  'endnote-xml': 'x.xml',
  xlsx: 'x.xlsx',
}

/** Papers can be written in a format, and the file can be read. */
async function writeAndRead(papers: readonly Paper[], format: WrittenFormat): Promise<void> {
  const bytes = new Uint8Array(await new Blob([...(await writePapers(papers, format))]).arrayBuffer())
  await readFileOf(bytes, FILES[format])
}

/** Texts of one or more formats, read in small pieces or whole, and what was read is written in some format. */
function bibliography(runs: number, formats: readonly TextFormat[]): FuzzTarget {
  const seeds = formats.map((format) => BIBLIOGRAPHIES[format][1])
  const file = fc.record({
    text: mutatedText(seeds, TOKENS),
    name: fc.constantFrom(...formats.map((format) => BIBLIOGRAPHIES[format][0])),
    // The reader of a format also gets what the detection would have given to another one.
    direct: fc.option(fc.constantFrom(...formats)),
    piece: fc.constantFrom(7, 100, 65_536),
    format: fc.constantFrom(...WRITTEN_FORMATS),
  })
  return target(runs, file, async ({ text, name, direct, piece, format }) => {
    if (direct) {
      const reader = await FORMATS[direct]({})
      for (let at = 0; at < text.length; at += 1000) reader.push(text.slice(at, at + 1000))
      reader.end()
      return
    }
    const papers = await readFileOf(text, name, text.length > 20_000 ? 65_536 : piece)
    if (text.length < 20_000) await writeAndRead(papers, format)
  })
}

const MEGABYTE = 1_000_000

/** A megabyte in which a few tokens or a piece of a real file repeat; time must not grow faster than length. Only by hand: it is timed. */
function repetitions(): FuzzTarget {
  const input = fc.record({
    format: fc.constantFrom(...(Object.keys(BIBLIOGRAPHIES) as TextFormat[])),
    cut: fc.nat(999),
    slice: fc.nat(60),
    tokens: fc.array(
      fc.oneof(fc.constantFrom(...TOKENS), fc.constantFrom(...'abc1 \n\t"\'{}()[]<>&\\$%#@,;:.-=|*!?_^~/+'), fc.constant(null)),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  })
  return target(0, input, async ({ format, cut, slice, tokens }) => {
    const [name, seed] = BIBLIOGRAPHIES[format]
    const at = Math.floor((cut / 1000) * seed.length)
    const unit = tokens.map((token) => token ?? seed.slice(at, at + slice)).join('') || ' '
    const text = seed.slice(0, at) + unit.repeat(Math.ceil(MEGABYTE / unit.length)) + seed.slice(at)
    const start = process.cpuUsage()
    await readFileOf(text, name)
    const seconds = process.cpuUsage(start).user / 1e6
    if (seconds > 6) throw new Error(`A megabyte of ${JSON.stringify(unit)} in ${format} took ${seconds} s`)
  })
}

/** A tar archive of files. */
function tar(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return concat(
    ...Object.entries(files).flatMap(([name, bytes]) => {
      const head = new Uint8Array(512)
      const put = (text: string, at: number) => head.set(ascii(text), at)
      put(name, 0)
      put(bytes.length.toString(8).padStart(11, '0'), 124)
      put('0', 156)
      put('ustar\u000000', 257)
      return [head, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)]
    }),
    new Uint8Array(1024),
  )
}

const bibtex = strToU8(BIBLIOGRAPHIES.bibtex[1])
const ris = strToU8(BIBLIOGRAPHIES.ris[1])
const PATHS = ['a.bib', '../../a.bib', '/etc/a.ris', 'constructor', 'x/../../a.ris', 'C:\\a.bib', 'a'.repeat(90), 'con\u0000.bib']

/** Archives with mutated content, with hostile paths, and with mutated bytes. */
const archives = fc.oneof(
  mutatedBytes([
    zipSync({ 'a.bib': bibtex, 'b/c.ris': ris }),
    zipSync({ 'a.bib': bibtex }, { level: 0 }),
    gzipSync(bibtex),
    tar({ 'a.bib': bibtex, 'b.ris': ris }),
    gzipSync(tar({ 'a.bib': bibtex })),
  ]),
  fc.tuple(mutatedText([BIBLIOGRAPHIES.bibtex[1]], TOKENS), fc.constantFrom(...PATHS), fc.nat(3)).map(([text, path, kind]) => {
    const files = { [path]: strToU8(text), 'b.ris': ris }
    return [() => zipSync(files), () => tar(files), () => gzipSync(tar(files)), () => zipSync({ 'c.zip': zipSync(files) })][
      kind
    ]!()
  }),
)

/** The parts of a workbook. */
const SHEET = {
  'docProps/app.xml': '<Properties/>',
  'xl/workbook.xml':
    '<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="P" sheetId="1" r:id="rId0"/></sheets></workbook>',
  'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="rId0" Target="/xl/worksheets/s0.xml"/></Relationships>',
  'xl/worksheets/s0.xml':
    '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Year</t></is></c><c r="C1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="str"><f>A1</f><v>Kites</v></c><c r="B2"><v>2001</v></c><c r="C2" s="1"><v>43556</v></c></row><row r="3"><c r="A3" t="s"><v>2</v></c><c t="e"><v>#N/A</v></c></row></sheetData></worksheet>',
  'xl/sharedStrings.xml':
    '<sst><si><t>Title</t></si><si><r><t>Publication </t></r><r><t>date</t></r></si><si><t>A_x000D_B</t></si></sst>',
  'xl/styles.xml':
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
}
const part = fc.constantFrom(...(Object.keys(SHEET) as (keyof typeof SHEET)[]))
const workbooks = fc.oneof(
  part
    .chain((path) =>
      mutatedText([SHEET[path]], ['<v>', '</v>', '<row r="9999999">', '<c r="ZZZ1">', ' t="s"', ...TOKENS]).map((xml) => ({
        [path]: xml,
      })),
    )
    .map((changed) =>
      zipSync(Object.fromEntries(Object.entries({ ...SHEET, ...changed }).map(([path, xml]) => [path, strToU8(xml)]))),
    ),
  mutatedBytes([zipSync(Object.fromEntries(Object.entries(SHEET).map(([path, xml]) => [path, strToU8(xml)])))]),
)

const shape = { ...smallShape, layers: 1, hidden: 8, heads: 2, intermediate: 16, vocabulary: 20, positions: 12 }
const base = { hiddenSize: shape.hidden, layers: shape.layers }
const published = publishedFiles(shape)
const adapter = publishedAdapter(shape, 4)
const jsonOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as unknown
const jsonBytes = (value: unknown) => strToU8(JSON.stringify(value))

/** A safetensors file whose header is mutated, with the right length before it. */
function safetensors(seed: Uint8Array): fc.Arbitrary<Uint8Array> {
  const length = Number(new DataView(seed.buffer).getBigUint64(0, true))
  const header = jsonOf(seed.subarray(8, 8 + length))
  return fc.oneof(
    mutatedJson([header]).map((value) => {
      const bytes = jsonBytes(value)
      return concat(uint64(bytes.length), bytes, seed.subarray(8 + length))
    }),
    mutatedBytes([seed]),
  )
}

/** Opens a checkpoint and reads all of its tensors, which can be no larger than the file. */
async function readTensors(bytes: Uint8Array): Promise<void> {
  for (const [, tensor] of await openCheckpoint(bytesSource('model.bin', bytes))) {
    const data = await tensor.read()
    if (data.byteLength > 8 * bytes.length) throw new Error(`A file of ${bytes.length} bytes has a tensor of ${data.byteLength}`)
  }
}

const floats = { elements: 6, shape: [2, 3], strides: [3, 1] }
const pickles = [
  stateDict({ a: floats, b: { ...floats, key: '1', strides: [1, 2], view: 'none' } }),
  stateDict({ a: { ...floats, type: 'BFloat16' } }),
]
const storage = new Uint8Array(24).fill(60)
const torch = fc.oneof(
  mutatedBytes(pickles).map((pickle) => torchZip(pickle, { 0: storage, 1: storage })),
  mutatedBytes(pickles).map((pickle) => torchLegacy(pickle, { 0: { elements: 6, bytes: storage } })),
  mutatedBytes([
    torchZip(pickles[0]!, { 0: storage, 1: storage }),
    torchLegacy(pickles[0]!, { 0: { elements: 6, bytes: storage } }),
  ]),
)

/** An index file of blocks with right hashes around content that is mutated. */
const stamp = { id: 'm', revision: '1', dtype: 'q8', adapter: 'base', dimension: 3, metric: 'euclidean' }
const indexed = [
  { id: 'a', title: 'Kites', year: 2001 },
  { id: 'b', title: 'Sails', abstract: 'We sail.' },
]
const vectors = (encoding: string) =>
  (encoding === 'int8' ? new Uint8Array(4 + 2 * 4 + 6) : new Uint8Array(4 + 2 * 12)).fill(1, 0, 2)
const blocks = fc
  .record({
    head: fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: mutatedJson([{ formatVersion: 2, id: 'x', model: stamp, vectors: 'float32', papers: 2 }]) },
    ),
    papers: fc.oneof(fc.constant(indexed), mutatedJson([indexed])),
    data: fc.oneof(fc.constant(['history:1', { kind: 'undo' }]), mutatedJson([['history:1', { kind: 'undo' }]])),
    done: fc.oneof(
      { weight: 3, arbitrary: fc.constant({ papers: 2, vectors: 2 }) },
      { weight: 1, arbitrary: mutatedJson([{ papers: 2, vectors: 2 }]) },
    ),
    encoding: fc.constantFrom('float32', 'int8'),
    vectors: fc.oneof(fc.constant(null), mutatedBytes([vectors('float32'), vectors('int8')])),
    order: fc.option(fc.nat(5)),
  })
  .map(({ head, papers, data, done, encoding, vectors: bytes, order }): [type: string, content: Uint8Array][] => {
    const all = papers as unknown
    const lines = Array.isArray(all) ? all.map((paper) => JSON.stringify(paper)).join('\n') : JSON.stringify(all)
    const blocks: [string, Uint8Array][] = [
      ['HEAD', jsonBytes(head ?? { formatVersion: 2, id: 'x', model: stamp, vectors: encoding, papers: 2 })],
      ['PAPR', strToU8(lines)],
      ['VECT', bytes ?? vectors(encoding)],
      ['DATA', jsonBytes(data)],
      ['DONE', jsonBytes(done)],
    ]
    return order === null ? blocks : blocks.toSpliced(order, 1)
  })

async function indexFile(blocks: readonly [type: string, content: Uint8Array][]): Promise<Uint8Array> {
  const parts = [ascii('SP2INDEX')]
  for (const [type, content] of blocks) {
    const hash = await sha256Hex(Uint8Array.from(content))
    parts.push(
      concat(
        ascii(type),
        uint32(content.length),
        hash.match(/../g)!.map((byte) => Number.parseInt(byte, 16)),
        content,
      ),
    )
  }
  return concat(...parts)
}

/** Imports a file; whatever was in it, the index can be searched, read and exported afterwards. */
async function importAndUse(bytes: Uint8Array): Promise<void> {
  const index = await StoredIndex.open(new MemoryIndexStore(''), { lock: null, onChange: () => {} })
  const blob = new Blob([Uint8Array.from(bytes)])
  let failure: unknown
  try {
    await importIndex(index, { blob }, false, async () => {}, new AbortController().signal)
  } catch (error) {
    failure = error
  }
  const { papers, vectors, pending, model } = await index.state()
  if (papers !== vectors + pending || vectors < 0) throw new Error(`${papers} papers, ${vectors} vectors, ${pending} pending`)
  if (model) {
    const { dimension } = model
    const scope = { rows: null, ids: null, except: [] }
    const vector = new Float32Array(dimension).fill(0.1)
    const request = {
      mode: 'hybrid',
      query: 'kites',
      vector,
      model,
      scale: null,
      minLikeness: 0,
      scope,
      k: 5,
      offset: 0,
    } as const
    const found = await index.search(request)
    if (found.hits.some(({ score }) => Number.isNaN(score))) throw new Error('A score is not a number')
  }
  if (failure) throw failure
}

const history = [
  [
    {
      id: '1',
      at: 1,
      kind: 'import',
      source: 'A',
      files: ['a'],
      fileKey: 1,
      format: 'ris',
      restored: [],
      read: 3,
      leftOut: 0,
      known: 0,
      merged: 0,
      removed: 0,
      added: 3,
    },
    {
      id: '2',
      at: 2,
      kind: 'merge',
      removed: [
        { id: 'a', source: 'A', key: 1, keptId: 'b' },
        { id: 'b', source: 'B', key: 2, keptId: 'c' },
      ],
      kept: [{ id: 'c', key: 3 }],
      bytes: 1,
      preset: 'balanced',
      model: null,
      version: '1',
    },
    { id: '3', at: 3, kind: 'removal', removed: [{ id: 'd', source: '', key: 4 }], bytes: 1 },
    { id: '4', at: 4, kind: 'undo', of: '3', restored: ['d'] },
    { id: '5', at: 5, kind: 'emptied', of: ['2'] },
    {
      id: '6',
      at: 6,
      kind: 'duplicates',
      papers: 3,
      groups: 1,
      duplicates: 1,
      preset: 'balanced',
      model: { id: 'm', dtype: 'q8', adapter: 'base' },
      version: '1',
    },
    { id: '7', at: 7, kind: 'edit', paper: 'a', title: 'T', before: { year: null }, after: { year: 1 } },
  ],
]

const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  mutatedText(['Kites & <i>winds</i>: {on} $x_1$', 'Finch, Ann', '-1+1', '=cmd()'], TOKENS),
)
const paper = fc
  .record(
    {
      id: hostile,
      title: hostile,
      abstract: fc.oneof(hostile, fc.constant(null)),
      authors: fc.array(fc.oneof(fc.record({ name: hostile }), fc.record({ family: hostile, given: hostile, suffix: hostile })), {
        maxLength: 3,
      }),
      year: fc.oneof(fc.integer({ min: -3000, max: 9999 }), fc.double()),
      venue: hostile,
      pages: hostile,
      doi: hostile,
      url: hostile,
      keywords: fc.array(hostile, { maxLength: 3 }),
      key: hostile,
      fields: fc.dictionary(hostile, fc.array(hostile, { maxLength: 2 }), { maxKeys: 3 }),
    },
    { requiredKeys: ['id', 'title'] },
  )
  .map((value) => value as Paper)

/** Whether a spreadsheet would compute a cell, and not show it. Numbers are shown. */
const isFormula = (cell: string) => /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell))

/** The cells of a table as RFC 4180 has them. */
function cellsOf(csv: string): string[] {
  return [...csv.replace(/^\ufeff/, '').matchAll(/"((?:[^"]|"")*)"|([^",\r\n]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
  )
}

const TAGGED = [
  'ris',
  'nbib',
  'wos',
  'refer',
  'refworks',
  'copac',
  'ovid',
  'biblioscape',
  'silverplatter',
  'noteexpress',
  'repec-nep',
] as const
const XML = [
  'pubmed-xml',
  'endnote-xml',
  'ms-office-xml',
  'mods-xml',
  'bibtexml',
  'citavi-xml',
  'zotero-rdf',
  'atom-xml',
] as const

const manifestSeed = async () => {
  const sink = new MemorySink()
  const runtime = createGraphRuntime({ runtime: runtimeFolder(), threads: 1 })
  await convertModel({ base: memoryFolder('m', published), adapters: new Map(), dtypes: ['q8'], pooling: 'cls', sink, runtime })
  return { manifest: sink.json('manifest.json'), tokenizer: sink.json('tokenizer.json') }
}

export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  bibtex: bibliography(150, ['bibtex']),
  tagged: bibliography(200, TAGGED),
  xml: bibliography(200, XML),
  json: {
    runs: 200,
    create() {
      const seeds = [JSON.parse(BIBLIOGRAPHIES.json[1]) as unknown]
      const files = fc.oneof(
        mutatedJson(seeds).map((value) => JSON.stringify(value)),
        mutatedJson(seeds).map((value) =>
          Object.values(value ?? {})
            .map((item) => JSON.stringify(item))
            .join('\n'),
        ),
        mutatedText([BIBLIOGRAPHIES.json[1]], TOKENS),
      )
      return property(files, async (text) => {
        await writeAndRead(await readFileOf(text, 'a.json'), 'jsonl')
      })
    },
  },
  yaml: bibliography(150, ['csl-yaml']),
  csv: bibliography(150, ['csv']),
  repetitions: repetitions(),
  archives: target(150, archives, async (bytes) => {
    await readFileOf(bytes, 'a.zip')
  }),
  xlsx: target(120, workbooks, async (bytes) => {
    await readFileOf(bytes, 'a.xlsx')
  }),
  vectors: {
    runs: 150,
    async create() {
      const parts = indexed.map((paper, row) => ({ paper, vector: Float32Array.of(row, 1, 2) }))
      const all = async function* () {
        yield parts
      }
      const values = float32(1, 2, 3, 4, 5, 6)
      const faiss = concat(ascii('IxFI'), uint32(3), uint64(2), uint64(0), uint64(0), [1], uint32(0), uint64(6), values)
      const json =
        '{"id":"a","title":"Kites","embedding":[0.1,0.2]}\n{"id":"b","title":"Sails","vector":{"model":"m","values":[1,2]}}'
      const files = fc.oneof(
        mutatedBytes([concat(...(await collect(encodeParquet(all(), stamp as never))))]),
        mutatedBytes([concat(npyHeader(2, 3), values), faiss]),
        mutatedText([json], TOKENS),
      )
      return property<string | Uint8Array>(files, async (file) => {
        await readFileOf(file, 'a.bin')
      })
    },
  },
  writers: target(
    150,
    fc.tuple(fc.array(paper, { maxLength: 3 }), fc.constantFrom(...WRITTEN_FORMATS)),
    async ([papers, format]) => {
      await writeAndRead(papers, format)
      if (format !== 'csv') return
      const formula = cellsOf([...(await writePapers(papers, 'csv'))].join('')).find(isFormula)
      if (formula !== undefined) throw new Error(`A spreadsheet would compute the cell ${JSON.stringify(formula)}`)
    },
  ),
  latex: target(200, mutatedText([BIBLIOGRAPHIES.bibtex[1], '\\"{\\i} $\\frac{a}{b}$ \\textit{\\textbf{x}}'], TOKENS), (text) => {
    if (typeof latexToText(text) !== 'string') throw new Error('no text')
  }),
  query: target(200, mutatedText(['author:"Finch A" -kites year:2001-2005 "two words" doi:10.1/x', 'a OR b']), (text) => {
    parseQuery(text)
  }),
  safetensors: target(200, safetensors(published['model.safetensors']!), readTensors),
  torch: target(200, torch, readTensors),
  adapter: target(
    150,
    fc.tuple(
      mutatedJson([jsonOf(adapter['adapter_config.json']!)]),
      fc.oneof(fc.constant(adapter['adapter_model.safetensors']!), safetensors(adapter['adapter_model.safetensors']!)),
    ),
    async ([config, weights]) => {
      await readAdapter({ config, weights: bytesSource('adapter.safetensors', weights) }, base)
    },
  ),
  manifest: {
    runs: 200,
    async create() {
      const { manifest } = await manifestSeed()
      return property(mutatedJson([manifest]), (value) => {
        const { files } = parseManifest(JSON.stringify(value), 'https://host.example/manifest.json')
        for (const path of Object.keys(files)) {
          const url = new URL(path, 'https://host.example/models/m/')
          if (!url.href.startsWith('https://host.example/models/m/')) throw new Error(`${path} leaves the folder`)
        }
      })
    },
  },
  conversion: {
    runs: 60,
    async create() {
      const runtime = createGraphRuntime({ runtime: runtimeFolder(), threads: 1 })
      const { tokenizer } = await manifestSeed()
      const files = {
        'config.json': configOf(shape),
        'tokenizer.json': tokenizer,
        'tokenizer_config.json': {
          do_lower_case: true,
          model_max_length: 12,
          tokenizer_class: 'BertTokenizer',
          added_tokens_decoder: { 1: { content: '[UNK]', special: true } },
        },
        'modules.json': [
          { type: 'sentence_transformers.models.Transformer', path: '' },
          { type: 'sentence_transformers.models.Pooling', path: '1_Pooling' },
        ],
        '1_Pooling/config.json': { pooling_mode_cls_token: true, word_embedding_dimension: 8 },
        'sentence_bert_config.json': { max_seq_length: 12, do_lower_case: false },
        'config_sentence_transformers.json': { prompts: { query: 'q: ' }, similarity_fn_name: 'dot' },
        'model.safetensors.index.json': { weight_map: { 'embeddings.LayerNorm.weight': 'model-00001-of-00001.safetensors' } },
      }
      const names = Object.keys(files) as (keyof typeof files)[]
      const input = fc.constantFrom(...names).chain((name) => mutatedJson([files[name]]).map((value) => ({ name, value })))
      return property(input, async ({ name, value }) => {
        const texts = { ...files, [name]: value }
        const asked: string[] = []
        const weights = name === 'model.safetensors.index.json' ? {} : { 'model.safetensors': published['model.safetensors']! }
        const folder = memoryFolder('m', {
          ...Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, jsonBytes(text)])),
          ...weights,
        })
        const open = (path: string) => {
          asked.push(path)
          return folder.open(path)
        }
        try {
          await convertModel({
            base: { name: 'm', open },
            adapters: new Map(),
            dtypes: ['fp32'],
            sink: new MemorySink(),
            runtime,
          })
        } finally {
          const outside = asked.find((path) => /^\/|\\|(^|\/)\.\.?(\/|$)/.test(path))
          // biome-ignore lint/correctness/noUnsafeFinally: It counts more than the failure.
          if (outside !== undefined) throw new Error(`${outside} is outside of the folder`)
        }
      })
    },
  },
  onnx: {
    runs: 150,
    async create() {
      const form = q8Form(nearest)
      const graph = buildEncoderGraph({
        shape,
        weights: encoderWeights(randomTensors(shape, 1)),
        form,
        pooling: 'cls',
        adapters: true,
      })
      const bytes = await onnxBytes(graph)
      return property(fc.oneof(mutatedMessage([bytes]), mutatedBytes([bytes])), (model) => {
        readEncoder(model, null, configOf(shape), { id: 'm', pooling: 'cls' })
      })
    },
  },
  'index-file': target(150, blocks, async (blocks) => importAndUse(await indexFile(blocks))),
  'index-bytes': {
    runs: 100,
    async create() {
      const part = indexed.map((paper, row) => ({ paper, vector: Float32Array.of(row, 1, 2) }))
      const encode = async (vectors: 'float32' | 'int8') =>
        concat(
          ...(await collect(
            encodeIndexFile(
              { id: 'x', model: stamp as never, vectors, papers: 2 },
              (async function* () {
                yield part
              })(),
              new Map([['review', { format: 1 }]]),
            ),
          )),
        )
      return property(mutatedBytes([await encode('float32'), await encode('int8')]), importAndUse)
    },
  },
  history: target(200, mutatedJson(history), (values) => {
    const entries = readHistory(Object.values(values ?? {}))
    sourceRows(entries)
    countsOf(entries, [], [] as never)
    overlapsOf(replay(entries), [{ ids: ['a', 'b'] }], () => 'A')
    for (const { at } of entries) new Intl.DateTimeFormat('en').format(at)
  }),
  review: target(
    150,
    mutatedJson([
      {
        format: 1,
        steps: [
          { type: 'decide', pairs: [['a', 'b']], verdict: 'same' },
          { type: 'keep', id: 'a' },
          { type: 'field', field: 'abstract', id: 'b' },
        ],
      },
    ]),
    (value) => {
      parseReview(JSON.stringify(value))
    },
  ),
  papers: target(200, mutatedJson([JSON.parse(BIBLIOGRAPHIES.json[1]) as unknown, indexed]), (values) => {
    for (const value of Object.values(values ?? {})) toPaper(value)
  }),
}
