export default { output: 'export', distDir: process.env.OUT }
