/** Import directions of the house: a package may know only those named here. */
const KNOWS = {
  'packages/domain': [],
  'packages/reconcile': [],
  'packages/proxy': [],
  'packages/builder': ['packages/domain'],
  'packages/manifests': ['packages/domain'],
  'packages/health': ['packages/domain'],
  'packages/db': ['packages/domain'],
  'packages/kube': [],
  'packages/local-cluster': ['packages/reconcile', 'packages/proxy', 'packages/builder'],
  'apps/launcher': ['packages/db', 'packages/proxy'],
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

/** Rooms inside of a package, and those that each may know. What starts them all lies above them. */
const ROOMS = {
  'packages/local-cluster': {
    types: [],
    store: ['types'],
    apiserver: ['types', 'store'],
    ingress: ['types'],
    registry: ['types'],
    // The controller of Gateways reads routes as the ingress does.
    controllers: ['types', 'ingress'],
    node: ['types', 'registry'],
  },
  'apps/platform': {
    ports: ['mail'],
    auth: [],
    server: ['ports', 'auth'],
    mail: ['auth'],
    registry: ['auth'],
    live: ['ports', 'server'],
    // Both flows meet here.
    apps: ['ports', 'live'],
    metrics: ['apps'],
    git: ['ports', 'auth', 'server', 'live', 'apps'],
    hooks: ['server'],
    sources: ['git'],
    builds: ['ports', 'server', 'git', 'sources'],
    controllers: ['server', 'registry', 'live', 'apps', 'metrics', 'git', 'hooks', 'sources', 'builds'],
    api: ['ports', 'auth', 'server', 'mail', 'apps'],
  },
}
/** Settings, which every room may read. */
const SETTINGS = '^apps/platform/src/(env[^/]*|registry-settings)\\.ts$'

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

const roomsOf = ([house, rooms]) =>
  Object.entries(rooms).map(([name, known]) => ({
    name: `room-${house.replace('/', '-')}-${name}`,
    comment: `The room ${name} of ${house} may import ${known.join(', ') || 'no other room'}.`,
    severity: 'error',
    from: { path: `^${house}/src/${name}/`, pathNot: TEST_CODE },
    to: {
      path: `^${house}/src/`,
      pathNot: [SETTINGS, ...[name, ...known].map((each) => `^${house}/src/${each}/`)],
    },
  }))

export default {
  forbidden: [
    ...Object.entries(KNOWS).map(boundary),
    ...Object.entries(ROOMS).flatMap(roomsOf),
    {
      // croner is pure as well, and what says whether a cron expression is one.
      name: 'domain-needs-zod-and-croner-only',
      severity: 'error',
      from: { path: '^packages/domain/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/(zod|croner)/' },
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
