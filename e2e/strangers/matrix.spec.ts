import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { startServer } from '../../src/cli/verify/static-server.js'
import { strangersFolder } from './pack.js'
import { type Options, printRow, visitApp } from './visit.js'

const apps = fileURLToPath(new URL('apps', import.meta.url))

interface App {
  /** Folder in `apps`. Default: the name. */
  folder?: string
  /** Where `specter2-web assets` writes, before the build. */
  assets: string
  /** The build; without one, `serve` serves the sources. */
  build?: string
  /** The built site. */
  out?: string
  /** Serves the sources on a port. */
  serve?: (port: number) => string
  /** Path of the page. */
  route?: string
  options?: Options
  env?: Record<string, string>
}

const ownWorkers = { folder: '/specter2-web/workers/' }

const APPS: Record<string, App> = {
  vite: { assets: 'public/specter2-web', build: 'vite build', out: 'dist' },
  'vite, development': { folder: 'vite', assets: 'public/specter2-web', serve: (port) => `vite --strictPort --port ${port}` },
  'vite, sub-path': {
    folder: 'vite',
    assets: 'public/specter2-web',
    build: 'vite build --base /app/',
    out: 'dist',
    route: '/app/',
  },
  react: { assets: 'public/specter2-web', build: 'vite build', out: 'dist' },
  'react, development': { folder: 'react', assets: 'public/specter2-web', serve: (port) => `vite --strictPort --port ${port}` },
  webpack: { assets: 'public/specter2-web', build: 'webpack --output-path public', out: 'public' },
  'next, turbopack': {
    folder: 'next',
    assets: 'public/specter2-web',
    build: 'next build',
    out: 'out-turbopack',
    env: { OUT: 'out-turbopack' },
  },
  'next, webpack': {
    folder: 'next',
    assets: 'public/specter2-web',
    build: 'next build --webpack',
    out: 'out-webpack',
    env: { OUT: 'out-webpack' },
  },
  'next, deep route': {
    folder: 'next',
    assets: 'public/specter2-web',
    build: 'next build',
    out: 'out-deep',
    env: { OUT: 'out-deep' },
    route: '/library/deep/',
  },
  rollup: { assets: 'public/specter2-web', build: 'rollup -c --failAfterWarnings', out: 'public', options: ownWorkers },
  esbuild: {
    assets: 'public/specter2-web',
    build: 'esbuild main.js --bundle --format=esm --outdir=public',
    out: 'public',
    options: ownWorkers,
  },
  parcel: { assets: 'dist/specter2-web', build: 'parcel build index.html --no-cache', out: 'dist' },
  sveltekit: { assets: 'static/specter2-web', build: 'vite build', out: 'build' },
  'sveltekit, deep route': {
    folder: 'sveltekit',
    assets: 'static/specter2-web',
    build: 'vite build',
    out: 'build',
    route: '/library/deep/',
  },
}

const installed = new Set<string>()
let port = 4400

for (const [name, { folder: source = name, assets, build, out, serve, route = '/', options, env }] of Object.entries(APPS)) {
  test(name, async ({ context }) => {
    const folder = join(strangersFolder, source)
    const run = (command: string, args: readonly string[] = []) => {
      const path = `${join(folder, 'node_modules/.bin')}:${process.env.PATH}`
      const settings = {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env, PATH: path },
      } as const
      const { status, stdout, stderr } = spawnSync(command, args, { ...settings, shell: true })
      expect(status, `${command}: ${stdout}${stderr}`).toBe(0)
      return `${stdout}${stderr}`
    }
    if (!installed.has(source)) {
      mkdirSync(folder, { recursive: true })
      for (const file of ['try-package.js', 'main.js', source])
        cpSync(join(apps, file), file === source ? folder : join(folder, file), { recursive: true })
      run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', process.env.SPECTER2_WEB_TARBALL!])
      installed.add(source)
    }
    if (out) rmSync(join(folder, out, 'specter2-web'), { recursive: true, force: true })
    run('specter2-web', ['assets', assets])
    const headers = { isolated: false }
    if (build) {
      const log = run(build)
      writeFileSync(join(folder, 'build.log'), log)
      expect(log.match(/.*\bwarn.*/gi) ?? [], readFileSync(join(folder, 'build.log'), 'utf8')).toEqual([])
      const base = route === '/app/' ? '/app' : '/'
      const { url, close } = await startServer({ roots: { [base]: join(folder, out!) }, ...headers })
      printRow(name, await visitApp(context, `${url}${route}`, options))
      close()
      return
    }
    const server = spawn('npx', serve!(++port).split(' '), { cwd: folder, detached: true, stdio: 'ignore' })
    try {
      const url = `http://localhost:${port}${route}`
      await expect
        .poll(
          () =>
            fetch(url).then(
              ({ ok }) => ok,
              () => false,
            ),
          { timeout: 60_000 },
        )
        .toBe(true)
      printRow(name, await visitApp(context, url, options))
    } finally {
      process.kill(-server.pid!)
    }
  })
}
