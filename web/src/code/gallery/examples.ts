/**
 * The gallery: whole scripts on the reader's own columns. Each is what its author would write by hand, short enough to be
 * changed, and runs as it stands. Names go through `quote`: they come from files and may hold anything.
 */
import { quote as q, quoteList } from '../python/quote';
import { fresh, type Chosen } from './choose';

export interface Example {
  id: string;
  title: string;
  says: string;
  /** What is missing, in words; null when it can be drawn. */
  lacks: (chosen: Chosen) => string | null;
  code: (chosen: Chosen) => string;
}

function need(...parts: [keyof Chosen, number][]): Example['lacks'] {
  const words: Partial<Record<keyof Chosen, [string, string]>> = {
    numbers: ['a column of numbers', 'columns of numbers'],
    groups: ['a text column with few values', 'text columns with few values'],
    texts: ['a text column', 'text columns'],
    dates: ['a date column', 'date columns'],
    steps: ['a column with few ordered values', 'columns with few values'],
    chances: ['a column of p-values', 'columns of p-values'],
  };
  return (chosen) => {
    const missing = parts.filter(([kind, least]) => chosen[kind].length < least);
    if (missing.length === 0) return null;
    return `Needs ${missing.map(([kind, least]) => (least === 1 ? words[kind]?.[0] : `${['', '', 'two', 'three'][least] ?? least} ${words[kind]?.[1]}`)).join(' and ')}.`;
  };
}

/** The column at a place, quoted; `lacks` has made sure that it is there. */
function at(names: readonly string[], place: number): string {
  return q(names[place] ?? names[0] ?? '');
}

function script(...lines: (string | null | false | undefined)[]): string {
  return `${lines.filter((line) => typeof line === 'string').join('\n')}\n`;
}

export const EXAMPLES: Example[] = [
  {
    id: 'trend',
    title: 'Scatter with trend line',
    says: 'Two measurements, a point a row, a straight line through each group.',
    lacks: need(['numbers', 2]),
    code: ({ numbers, groups }) => script(
      `fig = px.scatter(`,
      `    df,`,
      `    x=${at(numbers, 0)},`,
      `    y=${at(numbers, 1)},`,
      groups.length > 0 && `    color=${at(groups, 0)},`,
      `    trendline="ols",`,
      `    opacity=0.7,`,
      `)`,
    ),
  },
  {
    id: 'bars',
    title: 'Grouped bars with error bars',
    says: 'The mean of each group, with its standard error.',
    lacks: need(['groups', 1], ['numbers', 1]),
    code: ({ groups, numbers, all }) => {
      const [mean, error] = [fresh('mean', all), fresh('standard error', all)];
      const by = groups.slice(0, 2);
      return script(
        `groups = df.groupby(${quoteList(by)})[${at(numbers, 0)}]`,
        `summary = groups.agg(["mean", "sem"]).reset_index()`,
        `summary.columns = ${quoteList([...by, mean, error])}`,
        ``,
        `fig = px.bar(`,
        `    summary,`,
        `    x=${at(by, 0)},`,
        `    y=${q(mean)},`,
        `    error_y=${q(error)},`,
        `    color=${at(by, by.length - 1)},`,
        `    barmode="group",`,
        `    labels={${q(mean)}: ${q(`Mean of ${numbers[0] ?? ''}`)}},`,
        `)`,
      );
    },
  },
  {
    id: 'histogram',
    title: 'Histogram by group',
    says: 'How a measurement is spread, group over group, with boxes above.',
    lacks: need(['numbers', 1]),
    code: ({ numbers, groups }) => script(
      `fig = px.histogram(`,
      `    df,`,
      `    x=${at(numbers, 0)},`,
      groups.length > 0 && `    color=${at(groups, 0)},`,
      `    barmode="overlay",`,
      `    opacity=0.6,`,
      `    nbins=40,`,
      `    marginal="box",`,
      `)`,
    ),
  },
  {
    id: 'box',
    title: 'Boxes with all points',
    says: 'Median, quartiles and every row beside them.',
    lacks: need(['groups', 1], ['numbers', 1]),
    code: ({ groups, numbers }) => script(`fig = px.box(df, x=${at(groups, 0)}, y=${at(numbers, 0)}, color=${at(groups, 0)}, points="all")`, `fig.update_layout(showlegend=False)`),
  },
  {
    id: 'violin',
    title: 'Violins',
    says: 'The shape of each group’s distribution, with a box inside.',
    lacks: need(['groups', 1], ['numbers', 1]),
    code: ({ groups, numbers }) => script(`rows = df.dropna(subset=${quoteList([groups[0] ?? '', numbers[0] ?? ''])})`, `fig = px.violin(rows, x=${at(groups, 0)}, y=${at(numbers, 0)}, color=${at(groups, 0)}, box=True)`, `fig.update_layout(showlegend=False)`),
  },
  {
    id: 'correlation',
    title: 'Heatmap of correlations',
    says: 'How every measurement goes with every other, from -1 to 1.',
    lacks: need(['numbers', 2]),
    code: ({ numbers }) => script(
      `columns = ${quoteList(numbers.slice(0, 12))}`,
      `correlations = df[columns].corr()`,
      ``,
      `fig = px.imshow(`,
      `    correlations,`,
      `    text_auto=".2f",`,
      `    zmin=-1,`,
      `    zmax=1,`,
      `    color_continuous_scale=["#0072B2", "#F2F4F7", "#D55E00"],`,
      `    aspect="auto",`,
      `)`,
    ),
  },
  {
    id: 'volcano',
    title: 'Volcano plot',
    says: 'Change against its p-value; what is both large and unlikely stands out.',
    lacks: (chosen) => (chosen.chances.length > 0 && volcanoEffect(chosen) !== undefined ? null : 'Needs a column of p-values, named p, p_value or padj, and a column of changes.'),
    code: (chosen) => {
      const [p, effect] = [chosen.chances[0] ?? '', volcanoEffect(chosen) ?? ''];
      const [height, call] = [fresh('-log10 p', chosen.all), fresh('call', chosen.all)];
      return script(
        `rows = df.dropna(subset=${quoteList([effect, p])}).copy()`,
        `rows[${q(height)}] = -np.log10(rows[${q(p)}].clip(lower=1e-300))`,
        `notable = (rows[${q(p)}] < 0.05) & (rows[${q(effect)}].abs() > 1)`,
        `rows[${q(call)}] = np.where(notable, np.where(rows[${q(effect)}] > 0, "up", "down"), "not notable")`,
        ``,
        `fig = px.scatter(`,
        `    rows,`,
        `    x=${q(effect)},`,
        `    y=${q(height)},`,
        `    color=${q(call)},`,
        `    color_discrete_map={"up": "#D55E00", "down": "#0072B2", "not notable": "#94A3B8"},`,
        chosen.texts.length > 0 && `    hover_name=${at(chosen.texts, 0)},`,
        `)`,
        `fig.add_hline(y=-np.log10(0.05), line_dash="dot", line_width=1)`,
      );
    },
  },
  {
    id: 'series',
    title: 'Time series with rolling mean',
    says: 'The mean of each day as points, and a smooth line through them.',
    lacks: need(['dates', 1], ['numbers', 1]),
    code: ({ dates, numbers }) => script(
      `rows = df.dropna(subset=${quoteList([dates[0] ?? '', numbers[0] ?? ''])})`,
      `daily = rows.groupby(pd.to_datetime(rows[${at(dates, 0)}]))[${at(numbers, 0)}].mean().sort_index()`,
      `smooth = daily.rolling(7, min_periods=1, center=True).mean()`,
      ``,
      `fig = go.Figure()`,
      `fig.add_scatter(x=daily.index, y=daily, mode="markers", opacity=0.4, name="Mean of a day")`,
      `fig.add_scatter(x=smooth.index, y=smooth, mode="lines", name="Rolling mean of 7")`,
      `fig.update_layout(xaxis_title=${at(dates, 0)}, yaxis_title=${at(numbers, 0)})`,
    ),
  },
  {
    id: 'shares',
    title: 'Stacked shares',
    says: 'What part of each group belongs to which other group.',
    lacks: need(['groups', 2]),
    code: ({ groups, all }) => {
      const share = fresh('share', all);
      return script(
        `shares = pd.crosstab(df[${at(groups, 0)}], df[${at(groups, 1)}], normalize="index")`,
        `shares = shares.reset_index().melt(id_vars=${at(groups, 0)}, var_name=${at(groups, 1)}, value_name=${q(share)})`,
        ``,
        `fig = px.bar(shares, x=${at(groups, 0)}, y=${q(share)}, color=${at(groups, 1)})`,
        `fig.update_yaxes(tickformat=".0%")`,
      );
    },
  },
  {
    id: 'pca',
    title: 'Principal components',
    says: 'All measurements at once, turned so that the first two axes show the most.',
    lacks: need(['numbers', 3]),
    code: ({ numbers, groups }) => script(
      `columns = ${quoteList(numbers.slice(0, 12))}`,
      `rows = df.dropna(subset=columns)`,
      `values = rows[columns].to_numpy(dtype=float)`,
      `spread = values.std(axis=0)`,
      `values = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)`,
      `left, weights, right = np.linalg.svd(values, full_matrices=False)`,
      `share = weights**2 / (weights**2).sum()`,
      ``,
      `fig = px.scatter(`,
      `    x=left[:, 0] * weights[0],`,
      `    y=left[:, 1] * weights[1],`,
      groups.length > 0 && `    color=rows[${at(groups, 0)}].astype(str),`,
      `    labels={"x": f"PC 1 ({share[0]:.0%})", "y": f"PC 2 ({share[1]:.0%})"${groups.length > 0 ? `, "color": ${at(groups, 0)}` : ''}},`,
      `)`,
    ),
  },
  {
    id: 'multiples',
    title: 'Small multiples',
    says: 'The same chart once for each group, on the same axes.',
    lacks: need(['groups', 1], ['numbers', 2]),
    code: ({ groups, numbers }) => script(
      `fig = px.scatter(`,
      `    df,`,
      `    x=${at(numbers, 0)},`,
      `    y=${at(numbers, 1)},`,
      `    color=${at(groups, groups.length > 1 ? 1 : 0)},`,
      `    facet_col=${at(groups, 0)},`,
      `    facet_col_wrap=3,`,
      `)`,
      `fig.for_each_annotation(lambda note: note.update(text=note.text.split("=")[-1]))`,
    ),
  },
  {
    id: 'summary',
    title: 'Table of summary',
    says: 'Count, mean and spread of a measurement for each group.',
    lacks: need(['groups', 1], ['numbers', 1]),
    code: ({ groups, numbers }) => script(
      `summary = df.groupby(${at(groups, 0)})[${at(numbers, 0)}].agg(["count", "mean", "std", "min", "max"])`,
      `summary = summary.round(2)`,
      ``,
      `fig = go.Figure(`,
      `    go.Table(`,
      `        header=dict(values=[${at(groups, 0)}, *summary.columns]),`,
      `        cells=dict(values=[summary.index.astype(str), *[summary[name] for name in summary.columns]]),`,
      `    )`,
      `)`,
    ),
  },
  {
    id: 'frames',
    title: 'Animated frames',
    says: 'One picture a step, on axes that stay where they are.',
    lacks: need(['numbers', 2], ['steps', 1]),
    code: ({ numbers, steps, groups }) => {
      const colour = groups.find((name) => name !== steps[0]);
      return script(
        `rows = df.dropna(subset=${quoteList([numbers[0] ?? '', numbers[1] ?? '', steps[0] ?? ''])}).sort_values(${at(steps, 0)})`,
        ``,
        `def span(values):`,
        `    room = 0.05 * (values.max() - values.min())`,
        `    return [values.min() - room, values.max() + room]`,
        ``,
        `fig = px.scatter(`,
        `    rows,`,
        `    x=${at(numbers, 0)},`,
        `    y=${at(numbers, 1)},`,
        colour !== undefined && `    color=${q(colour)},`,
        `    animation_frame=${at(steps, 0)},`,
        `    range_x=span(rows[${at(numbers, 0)}]),`,
        `    range_y=span(rows[${at(numbers, 1)}]),`,
        `)`,
      );
    },
  },
  {
    id: 'counts',
    title: 'Most frequent values',
    says: 'How often each value occurs, the commonest first.',
    lacks: need(['texts', 1]),
    code: ({ texts, groups, all }) => {
      const [name, rows] = [groups[0] ?? texts[0] ?? '', fresh('rows', all)];
      return script(
        `counts = df[${q(name)}].astype(str).value_counts().head(20)`,
        `counts = counts.rename_axis(${q(name)}).reset_index(name=${q(rows)})`,
        ``,
        `fig = px.bar(counts, x=${q(rows)}, y=${q(name)}, orientation="h")`,
        `fig.update_yaxes(autorange="reversed")`,
      );
    },
  },
  {
    id: 'ecdf',
    title: 'Cumulative distribution',
    says: 'What share of each group lies below a value.',
    lacks: need(['numbers', 1]),
    code: ({ numbers, groups }) => script(`fig = px.ecdf(df.dropna(subset=[${at(numbers, 0)}]), x=${at(numbers, 0)}${groups.length > 0 ? `, color=${at(groups, 0)}` : ''})`),
  },
  {
    id: 'density',
    title: 'Density of two measurements',
    says: 'Where the rows are, when they are too many for points.',
    lacks: need(['numbers', 2]),
    code: ({ numbers }) => script(`fig = px.density_heatmap(`, `    df,`, `    x=${at(numbers, 0)},`, `    y=${at(numbers, 1)},`, `    nbinsx=40,`, `    nbinsy=40,`, `    color_continuous_scale="viridis",`, `)`),
  },
  {
    id: 'sunburst',
    title: 'Parts of parts',
    says: 'Groups within groups, as rings.',
    lacks: need(['groups', 2]),
    code: ({ groups }) => script(`names = ${quoteList(groups.slice(0, 2))}`, `fig = px.sunburst(df.dropna(subset=names), path=names)`),
  },
];

function volcanoEffect({ effects, numbers, chances }: Chosen): string | undefined {
  return effects.find((name) => !chances.includes(name)) ?? numbers.find((name) => !chances.includes(name));
}
