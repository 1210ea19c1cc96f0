/**
 * `npm run demo`: runs on the machine's Node (20 or newer) with nothing installed, brings what is
 * missing and hands over to the pinned Node.
 *
 *   npm run demo                         plays, then stays up until Ctrl-C
 *   npm run demo -- --once               plays and ends: 0 when everything arrived
 *   npm run demo -- --patience 60        how long each act may take, seconds (default 20)
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { clearInterval, setInterval } from 'node:timers'

const isOld = Number(process.versions.node.split('.')[0]) < 20
if (isOld) {
  console.error(
    `demo: Node.js ${process.versions.node} is too old; it needs 20 or newer, from https://nodejs.org.`,
  )
  process.exit(4)
}
// Only now: an older Node would stumble over what these modules use.
const { installPackages } = await import('../scripts/install.mjs')
const { peers } = await import('../scripts/peers.mjs')
const { cache, root } = await import('../scripts/shell.mjs')

const installPeer = (name) => () => peers.find((peer) => peer.name === name).install()

const needs = [
  { what: 'npm packages of the project', time: '1 to 3 min', install: installPackages },
  { what: 'Synapse from PyPI', time: '1 to 2 min', install: installPeer('synapse') },
  { what: 'a fediverse server from npm', time: '10 s', install: installPeer('fedify') },
]

async function installAll() {
  console.log('Needed here, in node_modules and .cache (the first time takes a few minutes):')
  for (const need of needs) {
    const started = Date.now()
    process.stdout.write(`  ${need.what} (${need.time}) … `)
    const dots = process.stdout.isTTY && setInterval(() => process.stdout.write('.'), 3000)
    try {
      const outcome = await need.install()
      const seconds = Math.round((Date.now() - started) / 1000)
      console.log(outcome === 'up to date' ? 'is there' : `installed in ${seconds} s`)
    } catch (error) {
      console.log('failed')
      throw error
    } finally {
      if (dots) clearInterval(dots)
    }
  }
}

/** Everything the demo writes goes into one folder, which is gone afterwards. */
function makeFolder() {
  mkdirSync(cache, { recursive: true })
  return mkdtempSync(path.join(cache, 'demo-'))
}

/**
 * The terminal sends Ctrl-C to both processes: this one only waits. Any other end of this one
 * closes the channel between them, and the other one stops.
 */
function handOver(folder) {
  const node = path.join(root, 'node_modules/.bin/node')
  const args = [path.join(root, 'demo/main.ts'), ...process.argv.slice(2)]
  const child = spawn(node, args, {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

try {
  await installAll()
  const folder = makeFolder()
  try {
    process.exitCode = await handOver(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
} catch (error) {
  console.error(`\n${error.message}\n`)
  console.error('Mend that and run "npm run demo" again: what is installed already stays.')
  process.exitCode = 1
}
