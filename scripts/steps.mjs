import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { peers } from './peers.mjs'
import { cache, root, run } from './shell.mjs'

/**
 * Everything that must hold before a change is accepted, in the order of the cheapest answer first.
 * A step answers `{ passed, failed, skipped }` (tests) or `{ problem }` (text for the reader), or both.
 */
export const steps = [
  { name: 'types', run: () => plain(['tsc', '-p', '.']) },
  { name: 'format', run: () => plain(['prettier', '--check', '.']) },
  { name: 'lint', run: () => plain(['eslint', '.', '--max-warnings', '0']) },
  { name: 'boundaries', run: boundaries },
  { name: 'dead-code', run: () => plain(['knip']) },
  { name: 'unit', run: (patterns) => jest('unit', ['--config', 'jest.config.js', ...patterns]) },
  { name: 'e2e', run: endToEnd },
]

async function plain(command) {
  const { code, stdout, stderr } = await run(command)
  return code === 0 ? {} : { problem: `${stdout}\n${stderr}`.trim() || `ended with ${code}` }
}

/** A checker that finds no module finds no fault either, so it must say how many it saw. */
async function boundaries() {
  const folders = ['src', 'test', 'bench', 'demo', 'screenshots'].filter((name) =>
    existsSync(path.join(root, name)),
  )
  const command = ['depcruise', ...folders, '--config', '.dependency-cruiser.cjs']
  const { stdout, stderr } = await run([...command, '--output-type', 'json'])
  if (!stdout.startsWith('{')) return { problem: `${stdout}\n${stderr}`.trim() }
  const { modules, summary } = JSON.parse(stdout)
  const own = modules.filter((module) => module.source.startsWith('src/'))
  if (own.length === 0) return { problem: 'saw no module of src/' }
  const problem = summary.violations
    .map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
    .join('\n')
  return problem ? { problem } : { note: `${own.length} modules of src/` }
}

/** Runs one suite; nothing run at all is a failure, and so is a test file that does not load. */
async function jest(suite, args) {
  const outputFile = path.join(cache, 'results', `${suite}.json`)
  mkdirSync(path.dirname(outputFile), { recursive: true })
  rmSync(outputFile, { force: true })
  const nodeOptions = '--experimental-vm-modules --disable-warning=ExperimentalWarning'
  const env = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${nodeOptions}`.trim() }
  await run(['jest', '--json', `--outputFile=${outputFile}`, ...args], { show: true, env })
  if (!existsSync(outputFile)) return { problem: 'jest wrote no result' }
  const result = JSON.parse(readFileSync(outputFile, 'utf8'))
  const counts = {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  }
  if (counts.passed + counts.failed === 0) return { ...counts, problem: 'no test ran' }
  if (counts.failed === 0 && !result.success) return { ...counts, problem: 'jest failed' }
  return counts
}

/** Installs the peers first. One that cannot be had is a failure in CI and a loud skip elsewhere. */
async function endToEnd(patterns) {
  const missing = []
  for (const peer of peers) {
    const started = Date.now()
    const outcome = await peer.install().catch((error) => {
      missing.push(peer.name)
      return `NOT TO BE HAD, its tests are skipped: ${error.message}`
    })
    console.log(`  peer ${peer.name}: ${outcome} (${seconds(started)})`)
  }
  const result = await jest('e2e', ['--config', 'jest.e2e.config.js', '--runInBand', ...patterns])
  if (missing.length === 0) return result
  const words = `WITHOUT ${missing.join(', ')}`
  return process.env.CI === 'true' ? { ...result, problem: words } : { ...result, note: words }
}

/** Time since `started`, for people. */
export function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`
}
