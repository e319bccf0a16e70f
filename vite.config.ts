import { copyFileSync, cpSync, existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin, UserConfig } from 'vite'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The runtime's own files, which a page loads from `ort/` beside the worker. */
const runtimeFolder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))
const runtimeFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']

/**
 * transformers.js has a build for Node that loads native code; the web build runs everywhere on the runtime that it is
 * handed. Its own import of the WebGPU runtime is dead code then, and gets the same small one.
 */
const alias = [
  { find: /^@huggingface\/transformers$/, replacement: at('node_modules/@huggingface/transformers/dist/transformers.web.js') },
  { find: /^onnxruntime-web\/(wasm|webgpu)$/, replacement: join(runtimeFolder, 'ort.wasm.min.mjs') },
]

/** Threads in WASM need an isolated page. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** `ort/` under the demo's own URL, in development and in the build. */
function runtimeAssets(): Plugin {
  return {
    name: 'runtime-assets',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const name = runtimeFiles.find((file) => request.url?.split('?')[0] === `/ort/${file}`)
        if (name) request.url = `/@fs${join(runtimeFolder, name)}`
        next()
      })
    },
    writeBundle({ dir }) {
      copyRuntime(join(dir!, 'ort'))
    },
  }
}

function copyRuntime(folder: string) {
  mkdirSync(folder, { recursive: true })
  for (const file of runtimeFiles) copyFileSync(join(runtimeFolder, file), join(folder, file))
}

/** The demo: a page on the library's sources. */
const demo = (): UserConfig => ({
  root: at('demo'),
  base: './',
  publicDir: at('public'),
  build: { outDir: at('dist-demo'), emptyOutDir: true },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
  plugins: [runtimeAssets()],
})

/** The library's worker, one file with all that it needs, and what lies beside it. The page side is built by tsc. */
const worker = (): UserConfig => ({
  publicDir: false,
  build: {
    outDir: at('dist/workers'),
    emptyOutDir: true,
    lib: { entry: at('src/workers/embed.ts'), formats: ['es'], fileName: 'embed' },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
  plugins: [
    {
      name: 'package-assets',
      closeBundle() {
        copyRuntime(at('dist/ort'))
        if (existsSync(at('public/models'))) cpSync(at('public/models'), at('dist/models'), { recursive: true })
      },
    },
  ],
})

/** A command for Node, one file. */
const node = (entry: string, file: string): UserConfig => ({
  publicDir: false,
  build: {
    ssr: at(entry),
    outDir: dirname(at(file)),
    emptyOutDir: false,
    target: 'node20',
    rolldownOptions: { output: { entryFileNames: basename(file), codeSplitting: false } },
  },
  ssr: { noExternal: true, external: ['vite', '@playwright/test'] },
})

const builds: Readonly<Record<string, () => UserConfig>> = {
  worker,
  node: () => node('src/cli/main.ts', 'dist/cli.js'),
  bench: () => node('bench/main.ts', 'dist-bench/main.js'),
}

export default defineConfig(({ mode }) => ({
  ...(builds[mode] ?? demo)(),
  resolve: { alias },
  test: { root: at('.'), include: ['{src,demo}/**/*.test.ts'], testTimeout: 60_000 },
}))
