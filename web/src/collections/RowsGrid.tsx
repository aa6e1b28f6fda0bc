/** Rows of one collection at one version, fetched as one scrolls; sorting and filtering happen on the server. */
import {
  CellStyleModule, ColumnAutoSizeModule, InfiniteRowModelModule, ModuleRegistry, themeQuartz, TooltipModule, type ColDef, type IDatasource,
} from 'ag-grid-community';
import { AgGridReact } from 'ag-grid-react';
import { useMemo, useState } from 'react';
import { queryRows } from '@/api/queries';
import type { Column, Filter, QueryResult, Row, SortKey } from '@/api/types';
import { cell, isNumeric, typeNames } from '@/parts/format';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from './collections.module.css';

ModuleRegistry.registerModules([InfiniteRowModelModule, ColumnAutoSizeModule, CellStyleModule, TooltipModule]);

const BLOCK = 100;
/** Wider tables are shown in part; the schema lists every column. */
const COLUMNS_MAX = 300;

const gridTheme = themeQuartz.withParams({
  fontFamily: 'inherit',
  fontSize: 13,
  headerFontSize: 12,
  headerFontWeight: 600,
  spacing: 6,
  backgroundColor: 'var(--d-surface)',
  foregroundColor: 'var(--d-text)',
  headerBackgroundColor: 'var(--d-surface)',
  headerTextColor: 'var(--d-dim)',
  borderColor: 'var(--d-line)',
  rowBorder: { color: 'var(--d-line)' },
  columnBorder: false,
  wrapperBorder: false,
  wrapperBorderRadius: 0,
  rowHoverColor: 'color-mix(in srgb, var(--d-sunken) 60%, transparent)',
  accentColor: 'var(--d-accent)',
  oddRowBackgroundColor: 'transparent',
});

interface Props {
  project: string;
  collection: string;
  columns: Column[];
  version?: number;
  filters?: Filter[];
  /** A filter as text that a row must meet besides. */
  filter?: string;
  sort?: SortKey[];
  label: string;
  /** The first block when it is known already: a dashboard's table comes with its rows. */
  first?: QueryResult;
  onTotal?: (total: number, result: QueryResult) => void;
}

export function RowsGrid({ project, collection, columns, version, filters, filter, sort, label, first, onTotal }: Props) {
  const [error, setError] = useState<unknown>(null);
  const [answered, setAnswered] = useState(false);
  const filterKey = JSON.stringify(filters ?? []);
  const shown = columns.slice(0, COLUMNS_MAX);
  const columnKey = JSON.stringify(shown);
  const sortKey = JSON.stringify(sort ?? []);

  const definitions = useMemo(() => {
    const initial = JSON.parse(sortKey) as SortKey[];
    return (JSON.parse(columnKey) as Column[]).map((column): ColDef<Row> => {
      const at = initial.findIndex((item) => item.column === column.name);
      const key = initial[at];
      return {
        colId: column.name,
        headerName: column.name,
        // A getter, not `field`: a column called `a.b` is one name, not a path.
        valueGetter: (params) => params.data?.[column.name],
        valueFormatter: (params) => (params.data === undefined ? '' : cell(params.value, column.type)),
        headerClass: isNumeric(column.type) ? 'ag-right-aligned-header' : undefined,
        cellClass: isNumeric(column.type) ? ['ag-right-aligned-cell', classes.number ?? ''] : undefined,
        headerTooltip: typeNames[column.type],
        sortable: true,
        unSortIcon: false,
        minWidth: 96,
        initialSort: key ? (key.descending ? 'desc' : 'asc') : undefined,
        initialSortIndex: key ? at : undefined,
      };
    });
  }, [columnKey, sortKey]);

  const source = useMemo((): IDatasource => {
    let unused = first;
    return {
      rowCount: undefined,
      getRows(params) {
        const order = params.sortModel.map((item): SortKey => ({ column: item.colId, descending: item.sort === 'desc' }));
        const asGiven = JSON.stringify(order) === JSON.stringify((JSON.parse(sortKey) as SortKey[]).map((item) => ({ column: item.column, descending: !!item.descending })));
        if (unused && params.startRow === 0 && asGiven && (unused.rows.length >= BLOCK || unused.rows.length === unused.total_rows)) {
          setAnswered(true);
          params.successCallback(unused.rows.slice(0, BLOCK), unused.total_rows);
          unused = undefined;
          return;
        }
        queryRows(project, collection, {
          // Of an old version the columns may not be known yet; then all are asked for, and the answer names them.
          ...(shown.length > 0 ? { columns: shown.map((column) => column.name) } : {}),
          filters: JSON.parse(filterKey) as Filter[],
          ...(filter === undefined ? {} : { filter }),
          sort: order,
          limit: params.endRow - params.startRow,
          offset: params.startRow,
          ...(version === undefined ? {} : { version }),
        })
          .then((result) => {
            setError(null);
            onTotal?.(result.total_rows, result);
            params.successCallback(result.rows, result.total_rows);
          })
          .catch((failure: unknown) => {
            setError(failure);
            params.failCallback();
          })
          .finally(() => setAnswered(true));
      },
    };
    // A new `first` comes with new filters or a new version; `onTotal` is only told, never asked.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [project, collection, version, filterKey, filter, columnKey, sortKey]);

  return (
    <div className={classes.grid} role="region" aria-label={label} aria-busy={!answered}>
      {error !== null && <ProblemPanel error={error} title="The rows could not be loaded" compact />}
      {columns.length > COLUMNS_MAX && <p className={classes.gridNote}>The first {COLUMNS_MAX} of {columns.length} columns.</p>}
      <AgGridReact<Row>
        theme={gridTheme}
        rowModelType="infinite"
        columnDefs={definitions}
        datasource={source}
        cacheBlockSize={BLOCK}
        maxBlocksInCache={20}
        infiniteInitialRowCount={1}
        blockLoadDebounceMillis={60}
        rowHeight={32}
        headerHeight={36}
        autoSizeStrategy={{ type: 'fitGridWidth', defaultMinWidth: 110 }}
        enableCellTextSelection
        suppressMovableColumns
        animateRows={false}
        suppressMultiSort={false}
      />
    </div>
  );
}
