import { Command, CommanderError } from 'commander'
import type { OptionValues } from 'commander'
import { nearest } from '../config/problem.ts'
import { printSample } from '../config/sample.ts'
import { admin } from './admin.ts'
import { check } from './check.ts'
import type { CheckOptions } from './check.ts'
import { Failure, exitCodeHelp, exitCodes, explain } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { findConfigFile, placesHelp } from './find-config.ts'
import { health } from './health.ts'
import { init } from './init.ts'
import type { DoctorOptions } from './doctor.ts'
import type { RotateOptions } from './rotate.ts'
import { run } from './run.ts'
import type { World } from './world.ts'

type Act<Options> = (world: World, options: Options) => ExitCode | Promise<ExitCode>

const configFlag = ['-c, --config <file>', 'the configuration file'] as const

/**
 * Performs the command line (without node and script) and answers the exit code. Everything that
 * goes wrong is told on the terminal here, nothing is thrown.
 */
export async function perform(world: World, args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = build(world, (act, options) => async () => {
    code = await act(world, options())
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    const told = explain(error instanceof CommanderError ? wrongUsage(error) : error)
    world.terminal.err(`${told.lines}\n`)
    return told.code
  }
}

type Bind = <Options>(act: Act<Options>, options: () => Options) => () => Promise<void>

function build(world: World, bind: Bind): Command {
  const { terminal } = world
  const program = new Command('footbridge')
    .description('Joins Matrix and the fediverse: people on both talk, each from their own client.')
    .version(world.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.out,
      outputError: () => undefined,
    })
    .allowExcessArguments()
    .option(...configFlag)
    .addHelpText('after', `\n${placesHelp}\n\n${exitCodeHelp}`)
  const add: Add = (command, act) => command.action(bind(act, () => command.optsWithGlobals()))
  add(initCommand(program), init)
  add(
    program
      .command('check')
      .description('say whether the configuration is valid; start nothing')
      .option(...configFlag)
      .option('--json', 'for scripts'),
    check as Act<CheckOptions>,
  )
  addRegistration(program, add)
  add(
    program
      .command('run')
      .description('run the bridge')
      .option(...configFlag),
    run,
  )
  add(
    program
      .command('health')
      .description('ask a running bridge if it is alive')
      .option(...configFlag),
    health,
  )
  addDoctor(program, add)
  addAdmin(program, bind)
  addSamples(program, add)
  program.action(bind(runOrIntroduce, () => ({ ...program.opts(), args: program.args })))
  return program
}

const initCommand = (program: Command): Command =>
  program
    .command('init')
    .description('write a new configuration and registration')
    .option('--server-name <name>', "the part after the colon in your users' Matrix ids")
    .option('--homeserver-url <url>', 'the homeserver, as this machine reaches it')
    .option('--public-url <url>', 'where the fediverse will reach Footbridge')
    .option('--handle-domain <domain>', 'the domain in handles (default: looked up and proposed)')
    .option('--appservice-url <url>', 'Footbridge, as the homeserver reaches it (containers)')
    .option(
      '--admin <user id>',
      'an administrator, who hears of reports and has commands of their own, such as @me:example.org',
    )
    .option('--out <folder>', 'where to write (default: here)')

const registrationCommand = (program: Command): Command =>
  program
    .command('registration')
    .description('print the registration for the homeserver')
    .option(...configFlag)
    .option('-o, --output <file>', 'write it to a new file instead')

function addDoctor(program: Command, add: Add): void {
  const command = program
    .command('doctor')
    .description('look whether everything around it is as it has to be, and say what to change')
    .option(...configFlag)
    .option('--json', 'for scripts')
    .option('--reach <host>', 'the fediverse server that is asked for (default: mastodon.social)')
  add(command, async (w, o: DoctorOptions) => {
    const { doctor } = await import('./doctor.ts')
    return doctor(w, o)
  })
}

/** It pulls in heavy packages, which `run` never needs. */
function addRegistration(program: Command, add: Add): void {
  const command = registrationCommand(program)
  add(command, async (w, o: { config?: string; output?: string }) => {
    const { registration } = await import('./registration.ts')
    return registration(w, o)
  })
  const rotating = command
    .command('rotate')
    .description('new tokens in the configuration and the registration, without losing anything')
    .option('--finish', 'take the old tokens out, once the homeserver has the new ones')
    .addHelpText('after', '\n-c and -o are those of "footbridge registration".')
  add(rotating, async (w, o: RotateOptions) => {
    const { rotate } = await import('./rotate.ts')
    return rotate(w, o)
  })
}

type Add = <Options extends OptionValues>(command: Command, act: Act<Options>) => unknown

/** What follows is the bridge's own to read: its commands have options of theirs. */
function addAdmin(program: Command, bind: Bind): void {
  const command = program
    .command('admin')
    .description('have the running bridge do a command for administrators; alone, list them')
    .argument('[words...]', 'the command, as in "queue" or "failed retry all"')
    .allowUnknownOption()
    .option(...configFlag)
  command.action(bind(admin, () => ({ ...command.optsWithGlobals(), words: command.args })))
}

/** How the committed sample files are made; of no use to an administrator. */
function addSamples(program: Command, add: Add): void {
  add(program.command('sample-config', { hidden: true }), ({ terminal }) => {
    terminal.out(printSample())
    return exitCodes.ok
  })
  add(program.command('sample-registration', { hidden: true }), async ({ terminal }) => {
    const { printSampleRegistration } = await import('../config/registration.ts')
    terminal.out(await printSampleRegistration())
    return exitCodes.ok
  })
}

type RootOptions = { readonly config?: string; readonly args: readonly string[] }

/** `footbridge -c file` runs; `footbridge` alone says what it is. */
async function runOrIntroduce(world: World, options: RootOptions): Promise<ExitCode> {
  const [unknown] = options.args
  if (unknown !== undefined) throw unknownCommand(unknown)
  const named = options.config ?? world.environment['FOOTBRIDGE_CONFIG'] ?? ''
  if (named !== '') return run(world, options)
  const found = findConfigFile(world, undefined)
  const next =
    found === undefined
      ? 'There is none yet: "footbridge init" writes one.'
      : `Found ${found}: "footbridge run" starts with it.`
  world.terminal.out(introduction(next))
  return exitCodes.ok
}

const introduction = (next: string): string => `Footbridge joins Matrix and the fediverse: \
people on both talk, each from their own client.

  footbridge init           write a new configuration and registration
  footbridge check          say whether the configuration is valid
  footbridge registration   print the registration for the homeserver
  footbridge run            run the bridge
  footbridge health         ask a running bridge if it is alive
  footbridge doctor         say what is wrong around it, and what to change
  footbridge admin          have it do something: queue, failed, backup, …

${placesHelp}
${next}
"footbridge --help" shows every option and the exit codes.
`

function unknownCommand(name: string): Failure {
  const names = ['init', 'check', 'registration', 'run', 'health', 'doctor', 'admin']
  const meant = nearest(name, names)
  const mend = meant === undefined ? '"footbridge" lists the commands.' : `Did you mean ${meant}?`
  return new Failure(exitCodes.usage, `there is no command ${JSON.stringify(name)}.`, mend)
}

function wrongUsage(error: CommanderError): Failure {
  const [what = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1')
  const mend = suggestion === '' ? '"footbridge --help" shows what there is.' : suggestion
  return new Failure(exitCodes.usage, `${what.replace(/\.$/, '')}.`, mend)
}
