import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { must, root, run } from './shell.mjs'

/**
 * Installs the locked packages where the tree differs from the lock file, and makes sure that
 * `node_modules/.bin/node` runs. Answers what was done, in a few words.
 */
export async function installPackages() {
  const wasComplete = isTreeLocked()
  if (!wasComplete) await must(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'])
  await ensureNode()
  return wasComplete ? 'up to date' : 'npm ci'
}

/** npm keeps a copy of what it installed: each entry must be the locked one, none may be missing. */
function isTreeLocked() {
  const installedFile = path.join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedFile)) return false
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages
  const locked = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages
  delete locked['']
  return (
    Object.keys(installed).every((name) => name in locked) &&
    Object.entries(locked).every(([name, wanted]) => isInstalled(installed[name], wanted))
  )
}

function isInstalled(found, wanted) {
  if (!found) return Boolean(wanted.optional ?? wanted.devOptional ?? wanted.peer)
  return found.version === wanted.version
}

/**
 * The package `node` fetches its program in an install script; where npm is told to run no scripts
 * (`ignore-scripts`), this runs that one and sets the link that npm then left out.
 */
async function ensureNode() {
  const link = path.join(root, 'node_modules/.bin/node')
  if (existsSync(link)) return
  const home = path.join(root, 'node_modules/node')
  const target = path.join(home, 'bin/node')
  if (!existsSync(target)) {
    await must([process.execPath, 'installArchSpecificPackage.js'], { cwd: home })
  }
  symlinkSync(path.relative(path.dirname(link), target), link)
  const { code } = await run([link, '--version'])
  if (code !== 0) throw new Error('node_modules/.bin/node does not run')
}
