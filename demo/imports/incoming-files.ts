import { droppedFiles } from '../../src/index.js'

export type IncomingFiles = { kind: 'references' } | { kind: 'model' } | { kind: 'library'; file: File }

const LIBRARY_MAGIC = 'SP2INDEX'
const MODEL_FILE = /(^|\/)(manifest\.json|model\.safetensors|pytorch_model\.bin)$/

/** Tells by names and first bytes what dropped or picked files contain. */
export async function recognizeFiles(files: ReadonlyMap<string, File>): Promise<IncomingFiles> {
  if ([...files.keys()].some((path) => MODEL_FILE.test(path))) return { kind: 'model' }
  const [file] = files.values()
  if (files.size === 1 && file && (await file.slice(0, LIBRARY_MAGIC.length).text()) === LIBRARY_MAGIC)
    return { kind: 'library', file }
  return { kind: 'references' }
}

/** Accepts drops anywhere in the window. */
export function acceptDrops(onFiles: (files: Map<string, File>) => void, onError: (error: unknown) => void): void {
  let depth = 0
  const mark = (by: number) => {
    depth = Math.max(0, depth + by)
    document.body.toggleAttribute('data-dropping', depth > 0)
  }
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  addEventListener('dragenter', (event) => hasFiles(event) && mark(1))
  addEventListener('dragleave', (event) => hasFiles(event) && mark(-1))
  addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault())
  addEventListener('drop', (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return
    event.preventDefault()
    mark(-depth)
    droppedFiles(event.dataTransfer).then(onFiles, onError)
  })
}

/** Opens the browser's file picker; files come by their paths. */
export function pickFiles(onFiles: (files: Map<string, File>) => void, { folder = false } = {}): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.webkitdirectory = folder
  input.addEventListener('change', () => {
    const files = new Map<string, File>()
    for (const file of input.files ?? []) {
      let path = file.webkitRelativePath || file.name
      for (let count = 2; files.has(path); count++) path = `${file.name} (${count})`
      files.set(path, file)
    }
    onFiles(files)
  })
  input.click()
}
