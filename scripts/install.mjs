import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { must, root, run } from './shell.mjs'

/**
 * Installs the locked packages where the tree differs from the lock file, and makes sure that
 * `node_modules/.bin/node` runs. Answers what was done, in a few words.
 */
export async function installPackages() {
  const wasComplete = isTreeLocked(root)
  if (!wasComplete) await must(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'])
  await ensureNode()
  return wasComplete ? 'up to date' : 'npm ci'
}

const readJson = (...names) => JSON.parse(readFileSync(path.join(...names), 'utf8'))

/**
 * Whether `node_modules` of a folder is what its lock file says: each entry must be the locked one, none
 * may be missing, and the lock file must be of this `package.json`. npm keeps a copy of what it installed.
 */
export function isTreeLocked(folder) {
  if (!existsSync(path.join(folder, 'node_modules/.package-lock.json'))) return false
  const installed = readJson(folder, 'node_modules/.package-lock.json').packages
  const { '': own, ...locked } = readJson(folder, 'package-lock.json').packages
  const asked = readJson(folder, 'package.json')
  return (
    dependsOn(own) === dependsOn(asked) &&
    Object.keys(asked.dependencies ?? {})
      .concat(Object.keys(asked.devDependencies ?? {}))
      .every((name) => existsSync(path.join(folder, 'node_modules', name, 'package.json'))) &&
    Object.keys(installed).every((name) => name in locked) &&
    Object.entries(locked).every(([name, wanted]) => isInstalled(installed[name], wanted))
  )
}

/** What a package asks for, in one order. */
const dependsOn = ({ dependencies = {}, devDependencies = {} }) =>
  JSON.stringify([dependencies, devDependencies].map((all) => Object.entries(all).sort()))

/** Only what is for other machines may be missing. */
const isInstalled = (found, wanted) =>
  found === undefined
    ? wanted.optional === true
    : found.version === wanted.version && found.integrity === wanted.integrity

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
