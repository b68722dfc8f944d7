/** Import directions of the house: a package may know only those named here. */
const KNOWS = {
  'packages/domain': [],
  'packages/reconcile': [],
  'packages/builder': ['packages/domain'],
  'packages/manifests': ['packages/domain'],
  'packages/health': ['packages/domain'],
  'packages/db': ['packages/domain'],
  'packages/kube': [],
  'packages/local-cluster': ['packages/reconcile', 'packages/builder'],
  'apps/launcher': ['packages/db', 'packages/local-cluster'],
  'apps/platform': [
    // Chooses the strategy of a build before its Job is rendered; builds nothing itself.
    'packages/builder/src/detect',
    'packages/domain',
    'packages/db',
    'packages/health',
    'packages/kube',
    'packages/manifests',
    'packages/reconcile',
  ],
  'apps/console': ['packages/domain'],
  'apps/cli': ['packages/domain'],
}

/** Tests and test helpers may start the real neighbours of their package. */
const TEST_CODE = '(\\.test\\.ts$|/testing/|/test/)'

/** The types of the router are what the platform gives its clients; bundling its code would fail their builds. */
const CLIENTS = ['apps/console', 'apps/cli']

const boundary = ([room, known]) => {
  const allowed = CLIENTS.includes(room) ? [...known, 'apps/platform/src/api'] : known
  return {
    name: `boundary-of-${room.replace('/', '-')}`,
    comment: `${room} may import ${allowed.join(', ') || 'no other package of ours'}.`,
    severity: 'error',
    from: { path: `^${room}/`, pathNot: TEST_CODE },
    to: {
      path: '^(apps|packages)/',
      pathNot: [`^${room}/`, ...allowed.map((other) => `^${other}${other.includes('/src/') ? '' : '/'}`)],
    },
  }
}

export default {
  forbidden: [
    ...Object.entries(KNOWS).map(boundary),
    {
      name: 'domain-needs-zod-only',
      severity: 'error',
      from: { path: '^packages/domain/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/zod/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-tests-in-code',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: TEST_CODE },
      to: { path: `^(apps|packages)/.*\\.test\\.ts$` },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(node:|bun:)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.next|generated|golden|test-data|testdata)(/|$)' },
    parser: 'swc',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
}
