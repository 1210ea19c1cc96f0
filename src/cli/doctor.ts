import type { Finding } from '../model/finding.ts'
import { pageOf } from '../model/trouble.ts'
import { exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { findConfigFile, needConfig } from './find-config.ts'
import type { World } from './world.ts'

export type DoctorOptions = {
  readonly config?: string
  readonly json?: boolean
  readonly reach?: string
}

const labels = { ok: 'ok', skipped: 'skipped', warning: 'WARNING', failed: 'FAILED' } as const

const line = (label: string, check: string, text: string): string =>
  `${label.padEnd(9)}${check.padEnd(15)}${text}\n`

function linesOf(finding: Finding): string {
  const head = line(labels[finding.result], finding.check, finding.what)
  if (!('mend' in finding)) return head
  return [
    head,
    line('', '  why', finding.why),
    line('', '  mend', finding.mend),
    line('', '  more', pageOf(finding.trouble)),
  ].join('')
}

function verdict(findings: readonly Finding[]): string {
  const count = (result: Finding['result']) =>
    findings.filter((finding) => finding.result === result).length
  const [failed, warnings, skipped] = [count('failed'), count('warning'), count('skipped')]
  const parts = [
    failed === 0 ? 'Nothing has to be mended' : `To be mended: ${failed}`,
    ...(warnings === 0 ? [] : [`${warnings} worth a look`]),
    ...(skipped === 0 ? [] : [`${skipped} not looked at`]),
  ]
  return `${parts.join(', ')}.\n`
}

/** Looks at everything that has to be right around the bridge, and says what to change. */
export async function doctor(world: World, options: DoctorOptions): Promise<ExitCode> {
  const config = needConfig(world, options.config)
  const configFile = findConfigFile(world, options.config)
  const findings = await world.examine(config, { configFile, reach: options.reach })
  const isWell = findings.every(({ result }) => result !== 'failed')
  if (options.json === true) {
    const shown = findings.map((finding) =>
      'trouble' in finding ? { ...finding, page: pageOf(finding.trouble) } : finding,
    )
    world.terminal.out(`${JSON.stringify({ well: isWell, findings: shown })}\n`)
  } else world.terminal.out(findings.map(linesOf).join('') + verdict(findings))
  return isWell ? exitCodes.ok : exitCodes.unwell
}
