/** Import rules of ARCHITECTURE.md: who may import whom. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: allowed.map((a) => `^src/${a}`) },
})
module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: { path: '^(src|test|bench|demo|screenshots)/' },
      to: { couldNotResolve: true },
    },
    only('model-imports-nothing', 'model', ['model/']),
    only('translate-is-pure', 'translate', ['translate/', 'model/']),
    only('bridge', 'bridge', ['bridge/', 'model/', 'translate/']),
    only('queue', 'queue', ['queue/', 'model/', 'store/database']),
    only('store', 'store', ['store/', 'model/', 'queue/enqueue']),
    only('net', 'net', ['net/', 'model/']),
    only('files', 'files', ['files/', 'model/']),
    only('matrix', 'matrix', ['matrix/', 'model/']),
    only('activitypub', 'activitypub', ['activitypub/', 'model/']),
    only('commands', 'commands', ['commands/', 'model/', 'bridge/']),
    only('web', 'web', ['web/', 'model/']),
    only('metrics', 'metrics', ['metrics/', 'model/']),
    only('tracing', 'tracing', ['tracing/', 'model/']),
    only('console', 'console', ['console/', 'model/']),
    only('config', 'config', ['config/', 'model/']),
    only('doctor', 'doctor', ['doctor/', 'model/']),
    only('cli', 'cli', [
      'cli/',
      'model/',
      'config/',
      'console/',
      'net/',
      'version',
      'examine.ts',
      'main.ts',
    ]),
    {
      // A command that is over in a moment loads neither the bridge nor a network.
      name: 'cli-wires-in-one-place',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/main\\.ts$' },
      to: { path: '^src/(net/|main\\.ts|examine\\.ts)', dependencyTypesNot: ['type-only'] },
    },
    {
      // Memory for what few need: loaded when somebody asks for it, or where an admin wants it.
      name: 'heavy-only-when-needed',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/web/admin/' },
      to: {
        path: '^src/(files/archive|metrics/meter\\.|tracing/tracer|commands/admin-desk|web/admin/)',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'pure-modules-touch-no-world',
      severity: 'error',
      from: { path: '^src/(model|translate)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|url)$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/peers/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
}
