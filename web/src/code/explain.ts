/**
 * A failed run in plain words: what happened, what to do next, and a correction where there is only one to be meant.
 * Python's own words are kept beside it; where no rule knows better, they are what is said.
 */
import type { Problem } from '@/api/types';
import { count } from '@/parts/format';
import { nearest } from './nearest';
import { names, readParameters, memberOf } from './names';
import { quote, unquote } from './python/quote';

/** Text of the script to be replaced. */
export interface Fix {
  find: string;
  replace: string;
  label: string;
}

export interface Explanation {
  says: string;
  next?: string;
  fix?: Fix;
  /** Python's own message, when it is not what is said. */
  python?: string;
}

export interface About {
  columns: readonly string[];
  code: string;
}

const CODES: Record<string, { says: string; next?: string }> = {
  syntax: { says: 'This is not valid Python.', next: 'The mark stands where reading stopped; the cause may be just before it, often an open bracket or quote.' },
  refused: { says: 'This is not available in Code Mode.' },
  failed: { says: 'The code stopped with an error.' },
  no_figure: { says: 'The code made no figure.', next: 'Give the figure the name fig, as in fig = px.scatter(df, x=.., y=..).' },
  timeout: { says: 'The code took too long and was stopped.', next: 'Work on whole columns rather than row by row, filter df first, and look for a loop that never ends.' },
  memory: { says: 'The code used too much memory and was stopped.', next: 'Keep the columns that are needed, as in df[["a", "b"]], and summarise before drawing.' },
  output: { says: 'The figure is too large to be shown.', next: 'Draw fewer points: summarise with groupby, or take a sample with df.sample(5000).' },
  cancelled: { says: 'The run was stopped.', next: 'Nothing was changed. Run it again when ready.' },
  busy: { says: 'Every worker is busy.', next: 'Nothing was changed. Run it again in a moment.' },
  off: { says: 'Code Mode is off.', next: 'The status page tells an administrator why.' },
};

/** The server ends a message with a full stop, whatever it ends with already. */
function tidy(text: string): string {
  return text.trim().replace(/([.!?…])\.$/, '$1').replace(/^Fig must/, 'fig must');
}

const GRAMMAR: [RegExp, string][] = [
  [/unexpected EOF/i, 'The code ends too early: a bracket, a quote or a block is still open.'],
  [/missing closing quote|unterminated string|unclosed string/i, 'A quote is missing at the end of this text.'],
  [/f-string: (?:unterminated|expecting)/i, 'A bracket or quote of this f-string is missing.'],
  [/Simple statements must be separated/i, 'Two values stand side by side: a bracket, a comma or an operator is missing between them.'],
  [/Expected `:`, found newline/i, 'The line needs a colon at its end.'],
  [/Expected `:`, found `=`/i, 'A comparison is written with ==; a single = gives a name its value.'],
  [/Expected `,`, found/i, 'A comma or a closing bracket is missing before this.'],
  [/Expected an expression/i, 'A value is missing here.'],
  [/expected an indented block/i, 'A line that ends in a colon needs an indented block below.'],
  [/unexpected indentation/i, 'This line is indented, but no block begins before it.'],
  [/unindent does not match|Expected dedent/i, 'The indentation fits no block above.'],
];

/** What the check says of a place; the grammar's own words are for those who know the grammar. */
export function plainly(message: string): string {
  return GRAMMAR.find(([pattern]) => pattern.test(message))?.[1] ?? tidy(message);
}

export function explain(problem: Problem, about: About): Explanation {
  const known = problem.code === undefined ? undefined : CODES[problem.code];
  const detail = problem.detail === undefined ? undefined : tidy(problem.detail);
  if (problem.code === 'failed' && detail) return failure(detail, lines(about.code, problem.line), about);
  if (problem.code === 'no_figure' && detail?.startsWith('fig must')) return { says: detail, next: known?.next };
  if (problem.code === 'refused' && detail) return refusal(detail, lines(about.code, problem.line));
  if (problem.code === 'syntax' && detail) return { says: plainly(detail), next: known?.next, ...(plainly(detail) === detail ? {} : { python: detail }) };
  return { says: detail ?? known?.says ?? problem.title, next: problem.code === 'no_figure' && detail ? undefined : known?.next };
}

function lines(code: string, line: number | undefined): string {
  return line === undefined ? code : code.split('\n').slice(line - 1).join('\n');
}

function refusal(detail: string, source: string): Explanation {
  // `px` has no `scater`: the name that was meant is on the list.
  const name = /^`(px|pd|np|go|[\w.]+)` has no `(\w+)`/.exec(detail);
  const near = name?.[1] && name[2] ? nearest(name[2], Object.keys(names.owners[name[1]] ?? {})) : undefined;
  if (!near || !name?.[2]) return { says: detail };
  return { says: detail, next: `The nearest name is ${near}.`, fix: source.includes(`.${name[2]}`) ? { find: `.${name[2]}`, replace: `.${near}`, label: `Use ${near}` } : undefined };
}

/* Python's errors ----------------------------------------------------------------------------------------------- */

type Rule = (groups: string[], context: Context) => Omit<Explanation, 'python'> | null;

interface Context extends About {
  kind: string;
  message: string;
  /** The script from the line of the error on. */
  source: string;
}

function failure(detail: string, source: string, about: About): Explanation {
  const match = /^(\w+): ([\s\S]*)$/.exec(detail);
  const kind = match?.[1] ?? detail.replace(/\.$/, '');
  const message = (match?.[2] ?? '').replace(/\.$/, '');
  for (const [kinds, pattern, rule] of RULES) {
    const found = kinds.split(' ').includes(kind) ? pattern.exec(message) : null;
    const told = found && rule([...found].slice(1).map((part) => part ?? ''), { ...about, kind, message, source });
    if (told) return { ...told, python: shorten(`${kind}: ${message}`) };
  }
  return { says: shorten(detail) };
}

/** The first paragraph; libraries append their whole documentation. */
function shorten(text: string, most = 400): string {
  const first = text.replaceAll(/\n\s*\n[\s\S]*$/g, '').replaceAll(/\s+/g, ' ').trim();
  return first.length > most ? `${first.slice(0, most - 1)}…` : first;
}

function listOf(all: readonly string[], most = 8): string {
  const shown = all.slice(0, most).join(', ');
  return all.length > most ? `${shown} and ${count(all.length - most)} more` : shown;
}

/** The literals of Python's `['a', "it's"]`. */
function literals(text: string): string[] {
  return [...text.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g)].map(([item]) => unquote(item) ?? item);
}

/** A correction of a name in quotes, whichever quotes the script uses. */
function requote(source: string, wrong: string, right: string): Fix | undefined {
  const single = `'${wrong}'`;
  const double = `"${wrong}"`;
  if (source.includes(double)) return { find: double, replace: quote(right), label: `Use ${quote(right)}` };
  if (source.includes(single)) return { find: single, replace: /['\\]/.test(right) ? quote(right) : `'${right}'`, label: `Use "${right}"` };
  return undefined;
}

function noColumn(wanted: string, columns: readonly string[], source: string, what = 'column'): Omit<Explanation, 'python'> {
  const near = nearest(wanted, columns);
  const says = `There is no ${what} ${quote(wanted)}.`;
  if (near !== undefined) return { says, next: `The nearest name is ${quote(near)}.`, fix: requote(source, wanted, near) };
  return { says, next: columns.length > 0 ? `The columns are ${listOf(columns)}.` : undefined };
}

const INSTEAD: Record<string, string> = {
  plt: 'Draw with px or go; matplotlib is not there.', sns: 'Draw with px or go; seaborn is not there.', pl: 'The data is a pandas frame, df.', sm: 'Trend lines come with px.scatter(.., trendline="ols").',
  math: 'Use np, as in np.sqrt(2).', random: 'Use np.random.', datetime: 'Use pd.Timestamp and pd.Timedelta.', data: 'The rows are in df.', frame: 'The rows are in df.', table: 'The rows are in df.', pandas: 'It is called pd.', numpy: 'It is called np.', plotly: 'Its parts are called px and go.', make_subplots: 'Write from plotly.subplots import make_subplots first.',
};

const NUMBERS = 'Choose the number columns with df.select_dtypes("number"), or convert with pd.to_numeric(df["a"], errors="coerce").';

const RULES: [kinds: string, pattern: RegExp, rule: Rule][] = [
  ['KeyError', /^there is no (?:"|')?(?:None of \[|\[)(.*?)\](?:.*)(?:not in index|not found in axis|are in the)/s, ([list = ''], { columns, source }) => {
    const wanted = literals(list.replace(/, dtype=.*$/, ''));
    const first = wanted.find((name) => !columns.includes(name)) ?? wanted[0];
    return first === undefined ? null : noColumn(first, columns, source);
  }],
  ['KeyError', /^there is no ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")$/s, ([literal = ''], { columns, source }) => {
    const wanted = unquote(literal);
    if (wanted === null) return null;
    if (columns.includes(wanted)) return { says: `There is no column ${quote(wanted)} here any more.`, next: 'A step before has dropped or renamed it, or made it the index; reset_index() brings it back.' };
    return noColumn(wanted, columns, source, 'column or key');
  }],
  ['KeyError', /^there is no (-?[\d.]+)$/, ([number = '']) => ({ says: `There is no row or key ${number}.`, next: 'After filtering, the row numbers have gaps: use .iloc for the place, or reset_index(drop=True) first.' })],
  ['ValueError', /^Value of '(\w+)' is not the name of a column in 'data_frame'\. Expected one of \[([\s\S]*?)\] but received: ([\s\S]*)$/, ([argument = '', list = '', received = ''], { source }) => {
    const columns = literals(list);
    if (/To use the index/.test(received)) {
      const name = received.split('.\n')[0] ?? '';
      return { says: `${argument}= names ${quote(name)}, which is the index of the table, not a column.`, next: 'Write .reset_index() after the table first.' };
    }
    const told = noColumn(received, columns, source);
    return { ...told, says: `${argument}= names no column: ${quote(received)}.`, next: told.next?.replace('The columns are', 'The columns of this table are') };
  }],
  ['NameError UnboundLocalError', /name '(\w+)' is not defined/, ([name = ''], { columns, code, source }) => {
    const says = `Nothing is called ${name}.`;
    if (INSTEAD[name]) return { says, next: INSTEAD[name] };
    if (columns.includes(name)) return { says, next: `A column is written in quotes: ${quote(name)}, or df[${quote(name)}].` };
    const own = [...code.matchAll(/(?:^|[\n;(,]|\bfor\b|\bdef\b|\bas\b)\s*([A-Za-z]\w*)\s*(?==[^=]|\(|,|\bin\b|$)/gm)].map((item) => item[1] ?? '');
    const near = nearest(name, [...new Set([...own, 'df', 'px', 'go', 'pd', 'np', ...Object.keys(names.builtins)])].filter((item) => item !== name));
    if (near) return { says, next: `The nearest name is ${near}.`, fix: wordFix(source, name, near) };
    return { says, next: 'Give it a value before this line.' };
  }],
  ['UnboundLocalError', /variable '(\w+)'/, ([name = '']) => ({ says: `${name} is used in a function before it gets a value there.`, next: 'Pass it as a parameter, or give it its value first.' })],
  ['UndefinedVariableError', /name '([^']*)' is not defined/, ([name = ''], { columns }) => {
    const near = nearest(name, columns);
    return { says: `The expression names ${name}, which is no column.`, next: near ? `The nearest is ${/^\w+$/.test(near) ? near : `\`${near}\``}.` : 'A variable of the script is written with @ in front; a column with spaces stands between backticks.' };
  }],
  ['AttributeError', /^'(\w+)' object has no attribute '(\w+)'/, ([owner = '', name = ''], { columns, source }) => {
    if (owner === 'NoneType') return { says: `What stands before .${name} is nothing (None).`, next: 'A method that changes in place gives nothing back; assign the object itself.' };
    const members = Object.keys(names.owners[owner] ?? {});
    const near = nearest(name, owner === 'DataFrame' ? [...columns.filter((item) => /^\w+$/.test(item)), ...members] : members);
    const says = owner === 'DataFrame' ? `A table has no column or method ${name}.` : `A ${owner} has no ${name}.`;
    if (near) return { says, next: `The nearest name is ${near}.`, fix: source.includes(`.${name}`) ? { find: `.${name}`, replace: `.${near}`, label: `Use ${near}` } : undefined };
    if (owner === 'Series' && names.owners.StringMethods && Object.hasOwn(names.owners.StringMethods, name)) return { says, next: `For text, write .str.${name}().` };
    if (owner === 'Series' && names.owners.DatetimeProperties && Object.hasOwn(names.owners.DatetimeProperties, name)) return { says, next: `For dates, write .dt.${name}.` };
    return { says };
  }],
  ['AttributeError', /^Can only use \.(str|dt|cat) accessor/, ([accessor = '']) => ({
    says: { str: '.str works on a text column only.', dt: '.dt works on a date column only.', cat: '.cat works on a category column only.' }[accessor] ?? `.${accessor} does not fit this column.`,
    next: { str: 'Convert first: .astype(str).', dt: 'Convert first: pd.to_datetime(df["a"]).', cat: 'Convert first: .astype("category").' }[accessor],
  })],
  ['TypeError', /^(\w+)\(\) got an unexpected keyword argument '(\w+)'/, ([name = '', argument = ''], { source }) => {
    const owner = ['px', 'DataFrame', 'Series', 'DataFrameGroupBy', 'pd', 'Figure', 'np'].find((item) => memberOf(item, name)?.parameters !== undefined);
    const near = owner && nearest(argument, readParameters(memberOf(owner, name)?.parameters ?? '').map((parameter) => parameter.name));
    return { says: `${name} takes no argument called ${argument}.`, next: near ? `The nearest is ${near}.` : 'Ctrl-Shift-Space inside the brackets shows what it takes.', fix: near && source.includes(`${argument}=`) ? { find: `${argument}=`, replace: `${near}=`, label: `Use ${near}=` } : undefined };
  }],
  ['TypeError', /^(\w+)\(\) missing (\d+) required .* arguments?: (.*)$/, ([name = '', , list = '']) => ({ says: `${name} needs ${literals(list).join(' and ')}.`, next: 'Ctrl-Shift-Space inside the brackets shows what it takes.' })],
  ['TypeError', /^dtype '(?:str|object|string)' does not support (?:operation|reduction) '(\w+)'|agg function failed \[how->(\w+)/, ([one = '', two = '']) => ({ says: `Text cannot be summarised by ${one || two}.`, next: 'Choose number columns before it, as in .groupby("a")["b"], or pass numeric_only=True.' })],
  ['TypeError', /^(?:unsupported operand type\(s\) for (\S+?): |operation '(\w+)' not supported for dtype)/, ([sign = '', name = '']) => ({ says: `These two kinds of values cannot be combined${sign ? ` with ${sign}` : name ? ` (${name})` : ''}.`, next: 'Convert one side: pd.to_numeric(..) for numbers, .astype(str) for text, pd.to_datetime(..) for dates.' })],
  ['TypeError', /^'(\w+)' object is not callable/, ([kind = '']) => ({ says: `A ${kind} cannot be called like a function.`, next: 'Take a part of it with square brackets; or a variable has the name of the function you meant.' })],
  ['TypeError', /^'(\w+)' object is not subscriptable/, ([kind = '']) => ({ says: `Nothing can be taken from a ${kind} with square brackets.`, next: 'A function is called with round brackets.' })],
  ['ValueError', /^Length of values \((\d+)\) does not match length of index \((\d+)\)/, ([given = '', rows = '']) => ({ says: `The new column has ${count(Number(given))} values, the table ${count(Number(rows))} rows.`, next: 'Give one value for each row, or a single value for all.' })],
  ['ValueError', /^Columns must be same length as key/, () => ({ says: 'The right side has another number of columns than the names on the left.', next: 'Assign one column at a time, or give as many names as there are columns.' })],
  ['ValueError', /^All arguments should have the same length\. The length of (?:argument `(\w+)` is (\d+)|.*?)(?:.* is (\d+))?$/s, ([argument = '', given = '', rows = '']) => ({ says: argument ? `${argument}= has ${given} values${rows ? `, the table ${count(Number(rows))} rows` : ''}.` : 'The arguments have different lengths.', next: 'Give names of columns of one table, or lists that are as long as it.' })],
  ['ValueError', /^The truth value of an? (?:Series|DataFrame|array)/, () => ({ says: 'A whole column is neither true nor false, so it cannot stand after if, and, or, not.', next: 'Select rows with df[condition]; combine conditions with & and |, each in brackets; or ask .any() or .all().' })],
  ['ValueError', /^could not convert string to float: ('.*'|".*")/s, ([literal = '']) => ({ says: `The text ${quote(unquote(literal) ?? literal)} is no number.`, next: NUMBERS })],
  ['ValueError', /^invalid literal for int\(\) with base \d+: (.*)$/s, ([literal = '']) => ({ says: `The text ${quote(unquote(literal) ?? literal)} is no whole number.`, next: NUMBERS })],
  ['ValueError', /^Plotly Express cannot process wide-form data/, () => ({ says: 'px cannot tell which column goes where.', next: 'Name them: x= and y=.' })],
  ['ValueError', /Invalid element\(s\) received for the '(\w+)' property[\s\S]*nan/, ([argument = '']) => ({ says: `The column for ${argument}= has missing values.`, next: `Leave those rows out first: df.dropna(subset=["the column"]).` })],
  ['ValueError', /^Invalid property specified for object of type plotly\.graph_objs\.([\w.]+): '(\w+)'/, ([owner = '', name = ''], { source }) => {
    const near = nearest(name, (names.properties[owner] ?? '').split(' '));
    return { says: `go.${owner} takes no ${name}.`, next: near ? `The nearest is ${near}.` : 'Ctrl-Shift-Space inside the brackets shows what it takes.', fix: near && source.includes(`${name}=`) ? { find: `${name}=`, replace: `${near}=`, label: `Use ${near}=` } : undefined };
  }],
  ['ValueError', /Invalid (?:value of type '[^']*'|element\(s\)) received for the '(\w+)' property of ([\w.]+)\s+Received value: (.*)/, ([name = '', owner = '', value = '']) => ({ says: `${name} of ${owner} cannot be ${value}.` })],
  ['ValueError', /Index contains duplicate entries, cannot reshape|cannot reindex on an axis with duplicate labels/, () => ({ says: 'Several rows fall on the same place.', next: 'Summarise them: pivot_table(.., aggfunc="mean") instead of pivot, or groupby first.' })],
  ['ValueError', /You are trying to merge on (\S+) and (\S+) columns/, ([left = '', right = '']) => ({ says: `The keys are of two types, ${left} and ${right}.`, next: 'Convert one of them with .astype(..) before merge.' })],
  ['ValueError IndexError TypeError', /zero-size array|attempt to get arg(?:max|min) of an empty|index 0 is out of bounds/, () => ({ says: 'There is no row to compute with.', next: 'Check the filters of the page, and conditions before this line.' })],
  ['IndexError', /out of (?:range|bounds)|out-of-bounds/, () => ({ says: 'There are fewer items than this line asks for.', next: 'Places count from 0; len(..) tells how many there are. The filters may have left few rows.' })],
  ['DateParseError ParserError OutOfBoundsDatetime ValueError', /(?:Unknown datetime string format|time data|Given date string|Unknown string format|Out of bounds)/, () => ({ says: 'A value is no date that can be read.', next: 'Give the form, as in pd.to_datetime(df["a"], format="%d.%m.%Y"), or leave out what does not fit with errors="coerce".' })],
  ['ZeroDivisionError', /./, () => ({ says: 'This line divides by zero.', next: 'Check the divisor first; for columns, replace 0 by np.nan.' })],
  ['RecursionError', /./, () => ({ says: 'A function calls itself without end.', next: 'Give it a case in which it returns without calling itself, or write a loop.' })],
];

function wordFix(source: string, wrong: string, right: string): Fix | undefined {
  const at = new RegExp(`(?<![\\w.])${wrong}(?!\\w)`).exec(source);
  // The first place that holds the letters must be the word itself.
  return at && source.indexOf(wrong) === at.index ? { find: wrong, replace: right, label: `Use ${right}` } : undefined;
}
