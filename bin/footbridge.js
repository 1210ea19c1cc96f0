#!/usr/bin/env node
// Plain JavaScript that every Node can read: an old one must get as far as the line that says so.
'use strict'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { setFlagsFromString } from 'node:v8'

const needed = [22, 19]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `footbridge: Node.js ${process.versions.node} is too old; install ${needed.join('.')} or newer (https://nodejs.org), or run "npx footbridge" after "npm ci" (with its development packages) in a checkout.`,
  )
  process.exitCode = 4
} else {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, end)
  await start()
}

// Until a command listens itself. The first process of a container is spared the usual end by a
// signal: without a listener it would not hear that it is to stop while it still starts.
function end(signal) {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  process.exit(128 + constants.signals[signal])
}

async function start() {
  // A bridge makes much short-lived garbage, keeps little, and mostly waits for others: memory is
  // dearer to it than the last tenth of its speed (figures in docs/performance.md). The space for
  // young objects stays at its first size, the rest is collected sooner, and hot code goes from the
  // interpreter straight to the optimising compiler.
  for (const flag of [
    'semi-space-growth-factor=1',
    'optimize-for-size',
    'no-sparkplug',
    'no-maglev',
  ])
    setFlagsFromString(`--${flag}`)
  // What a dependency should do otherwise is nothing an administrator can mend.
  process.noDeprecation = true
  // A checkout runs its sources, never a dist that an earlier build left; a package has only dist.
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const entry = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url)
  const { main } = await import(entry.href)
  process.exit(await main(process.argv.slice(2)))
}
