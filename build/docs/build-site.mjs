/**
 * Builds the documentation as a static site: pages and the reference of the API by TypeDoc, `llms.txt` and `llms-full.txt`. Fails on
 * a warning, on a link or an anchor that leads nowhere, and on anything that would be requested from another site.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { Application, Comment, Converter, DocumentReflection, ReflectionKind } from 'typedoc'
import { ENTRIES, pages, root } from './snippets.mjs'

const out = join(root, 'dist-docs')
/** In the order of the navigation; the tour of the code and the decisions come last. */
const ORDER = [
  'getting-started',
  'examples',
  'models-and-devices',
  'search',
  'bibliographies',
  'duplicates',
  'screening',
  'specter2-and-adapters',
  'classification',
]
const rank = (/** @type {string} */ path) => {
  const at = ORDER.findIndex((name) => path.endsWith(`/${name}.md`))
  return at < 0 ? ORDER.length : at
}
const guides = pages.filter((path) => path !== 'README.md').sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
const inner = ['docs/architecture.md', ...readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`)]

const app = await Application.bootstrap({
  name: 'specter2-web',
  entryPoints: Object.keys(ENTRIES).map((path) => join(root, path)),
  tsconfig: join(root, 'build/tsconfig/dist.json'),
  projectDocuments: [...guides, ...inner, 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'].map((path) => join(root, path)),
  readme: join(root, 'README.md'),
  basePath: root,
  out,
  cleanOutputDir: true,
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  hideGenerator: true,
  includeVersion: true,
  githubPages: false,
  sort: ['documents-first', 'source-order'],
  navigation: { includeCategories: false, includeGroups: false },
  highlightLanguages: ['ts', 'tsx', 'js', 'sh', 'html', 'svelte', 'sql', 'python', 'text', 'json'],
  treatWarningsAsErrors: true,
  // Types of options that are reached through a public one only.
  validation: { notExported: false, invalidLink: true, invalidPath: true, notDocumented: false },
})

// A page has the title of its first heading, and an entry its name.
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
  for (const reflection of Object.values(context.project.reflections)) {
    if (reflection instanceof DocumentReflection) {
      const [, title = reflection.name] = /^\s*# (.*)\n/.exec(reflection.content[0]?.text ?? '') ?? []
      reflection.name = title
    }
    // A parameter that is taken apart has no name of its own.
    if (reflection.kindOf(ReflectionKind.Parameter) && reflection.name.startsWith('__named')) reflection.name = 'options'
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = moduleName(reflection.name)
  }
})
/** @param {string} name */
const moduleName = (name) => Object.entries(ENTRIES).find(([path]) => path.replace(/(\/index)?\.ts$/, '') === name)?.[1] ?? name

const project = await app.convert()
if (!project) throw new Error('The documentation does not compile')
app.validate(project)
await app.generateDocs(project, out)
if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('The documentation has warnings')

writeFileSync(join(out, 'llms.txt'), index())
writeFileSync(join(out, 'llms-full.txt'), [...['README.md', ...guides].map(page), reference()].join('\n\n'))
const broken = brokenLinks()
for (const message of broken) console.error(message)
if (broken.length > 0) process.exitCode = 1
else console.log(`dist-docs: ${htmlFiles().length} pages, no dead link, llms.txt, llms-full.txt`)

/** @param {string} path */
function page(path) {
  return readFileSync(join(root, path), 'utf8').trim()
}

/** What each page is about, for a program that chooses what to read. */
function index() {
  const [, , summary = ''] = page('README.md').split('\n')
  const lines = guides.map((path) => {
    const text = page(path)
    const [, title = ''] = /^# (.*)/.exec(text) ?? []
    const headings = [...text.matchAll(/^## (.*)/gm)].map(([, heading]) => heading)
    return `- [${title}](documents/${title.replaceAll(/[^\w-]/g, '_')}.html): ${headings.join('; ') || text.split('\n')[2]}`
  })
  const entries = Object.values(ENTRIES).map((name) => `- [${name}](modules/${name.replaceAll(/[^\w-]/g, '_')}.html)`)
  return [
    '# specter2-web',
    `> ${summary}`,
    'All pages in one file: [llms-full.txt](llms-full.txt)',
    '## Pages',
    lines.join('\n'),
    '## API',
    entries.join('\n'),
    '',
  ].join('\n\n')
}

/** Every export with its description, members and examples. */
function reference() {
  const parts = ['# API']
  for (const { name: entry, children = [] } of project?.children ?? [])
    for (const child of children) {
      const comment = commentOf(child)
      const examples = comment?.getTags('@example').map(({ content }) => Comment.combineDisplayParts(content).trim()) ?? []
      const members = child.children?.map((member) => `- \`${signatureOf(member)}\` ${summaryOf(commentOf(member))}`) ?? []
      parts.push(
        `## ${child.name}\n\n\`${signatureOf(child)}\` of \`${entry}\`. ${summaryOf(comment)}`,
        members.join('\n'),
        ...examples,
      )
    }
  return parts.filter((part) => part !== '').join('\n\n')
}

/** @param {import('typedoc').DeclarationReflection} reflection */
function commentOf({ comment, signatures }) {
  return comment ?? signatures?.[0]?.comment
}

/** @param {import('typedoc').Comment | undefined} comment */
function summaryOf(comment) {
  return Comment.combineDisplayParts(comment?.summary).replaceAll(/\s*\n\s*/g, ' ')
}

/** @param {import('typedoc').DeclarationReflection} reflection */
function signatureOf({ name, flags, type, signatures, getSignature }) {
  const mark = flags.isOptional ? '?' : ''
  const [signature] = signatures ?? []
  if (!signature) return `${name}${mark}${type || getSignature?.type ? `: ${type ?? getSignature?.type}` : ''}`
  const parameters = signature.parameters?.map(
    (parameter) => `${parameter.name}${parameter.flags.isOptional || parameter.defaultValue ? '?' : ''}: ${parameter.type}`,
  )
  return `${name}(${parameters?.join(', ') ?? ''}): ${signature.type}`
}

function htmlFiles() {
  return readdirSync(out, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.html') && !path.startsWith('media'))
}

/** @returns {string[]} */
function brokenLinks() {
  const files = new Set(readdirSync(out, { recursive: true }).map((path) => String(path).replaceAll('\\', '/')))
  const ids = new Map(
    [...htmlFiles(), 'assets/icons.svg'].map((path) => [
      path,
      new Set([...readFileSync(join(out, path), 'utf8').matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id)),
    ]),
  )
  const found = new Set()
  /** @param {string} from @param {string} link @param {boolean} isLoaded */
  const check = (from, link, isLoaded) => {
    if (/^(https?:)?\/\//.test(link)) return isLoaded && found.add(`${from} requests ${link} from another site`)
    if (/^(data|mailto):/.test(link)) return
    const [path = '', anchor = ''] = decodeURIComponent(link).split('#')
    const target = path === '' ? from : normalize(join(dirname(from), path)).replaceAll('\\', '/')
    if (!files.has(target)) found.add(`${from} links to ${link}, which does not exist`)
    else if (anchor && !ids.get(target)?.has(anchor)) found.add(`${from} links to ${link}, which has no such heading`)
  }
  for (const path of htmlFiles()) {
    const html = readFileSync(join(out, path), 'utf8')
    for (const [, tag, link = ''] of html.matchAll(/<(\w+)\b[^>]*? (?:href|src)="([^"]*)"/g))
      check(path, link.replaceAll('&amp;', '&'), tag !== 'a')
  }
  for (const [, link = ''] of readFileSync(join(out, 'llms.txt'), 'utf8').matchAll(/\]\(([^)]*)\)/g))
    check('llms.txt', link, false)
  return [...found].map((message) => relative(root, String(message)))
}
