/**
 * The one test command. Runs on the machine's Node (20 or newer) with nothing installed, and brings
 * the rest: packages, the pinned Node, the peers.
 *
 *   npm test                                   everything
 *   npm test -- --only unit,e2e                these steps
 *   npm test -- --skip e2e                     all but these
 *   npm test -- --only unit test/queue         one part of a suite (a pattern for jest)
 */
import { parseArgs } from 'node:util'
import { installPackages } from './install.mjs'
import { seconds, steps } from './steps.mjs'

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, skip: { type: 'string' }, list: { type: 'boolean' } },
  allowPositionals: true,
})

function chosenSteps() {
  const names = (text) => text?.split(',').filter(Boolean)
  const [only, skip] = [names(values.only), names(values.skip) ?? []]
  const unknown = [...(only ?? []), ...skip].find((name) => !steps.some((s) => s.name === name))
  if (unknown) {
    console.error(`No step "${unknown}"; there are: ${steps.map((step) => step.name).join(', ')}`)
    process.exit(2)
  }
  return steps.filter(({ name }) => (only?.includes(name) ?? true) && !skip.includes(name))
}

async function runStep(step) {
  const started = Date.now()
  console.log(`▶ ${step.name}`)
  const result = await step.run(positionals).catch((error) => ({ problem: error.message }))
  const isGood = !result.problem && !result.failed
  if (result.problem) console.log(result.problem.replace(/^/gm, '  '))
  const counts = 'passed' in result ? `${result.passed} passed, ${result.failed} failed` : ''
  const words = [seconds(started), counts, result.note].filter(Boolean).join(', ')
  console.log(`${isGood ? '✔' : '✘'} ${step.name} (${words})\n`)
  return { name: step.name, isGood, words, ...result }
}

/** A failed step without a failed test counts as one failure. */
function total(results) {
  const sum = (field) => results.reduce((all, result) => all + (result[field] ?? 0), 0)
  const failedSteps = results.filter((result) => !result.isGood && !result.failed).length
  return { passed: sum('passed'), failed: sum('failed') + failedSteps, skipped: sum('skipped') }
}

async function main() {
  const chosen = chosenSteps()
  if (values.list) return console.log(chosen.map((step) => step.name).join('\n'))
  const started = Date.now()
  console.log(`▶ packages`)
  console.log(`✔ packages (${await installPackages()}, ${seconds(started)})\n`)
  const results = []
  for (const step of chosen) results.push(await runStep(step))
  for (const { name, isGood, words } of results) {
    console.log(`${isGood ? '✔' : '✘'} ${name.padEnd(11)} ${words}`)
  }
  const { passed, failed, skipped } = total(results)
  console.log(`in ${seconds(started)}`)
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
  process.exitCode = failed ? 1 : 0
}

main().catch((error) => {
  console.error(error.message)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
})
