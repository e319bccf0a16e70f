// `npm pack` writes the packages with runtime and default model beside the package's own, where `specter2-web assets` finds them.
import { execFileSync } from 'node:child_process'

execFileSync('npm', ['pack', '--workspaces', '--ignore-scripts', '--silent'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  shell: process.platform === 'win32',
})
