import resolve from '@rollup/plugin-node-resolve'

export default { input: 'main.js', output: { file: 'public/main.js', format: 'es' }, plugins: [resolve({ browser: true })] }
