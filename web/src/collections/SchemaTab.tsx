import { Text } from '@mantine/core';
import type { Collection } from '@/api/types';
import { DataTable } from '@/parts/DataTable';
import { Empty } from '@/parts/Empty';
import { typeNames } from '@/parts/format';

export function SchemaTab({ collection }: { collection: Collection }) {
  if (collection.columns.length === 0) return <Empty>The schema comes with the first table that is uploaded.</Empty>;
  return (
    <DataTable label="Columns" head={<><th data-number>#</th><th>Column</th><th>Type</th></>}>
      {collection.columns.map((column, index) => (
        <tr key={column.name}>
          <td data-number style={{ width: 56 }}><Text size="xs" c="dimmed" span>{index + 1}</Text></td>
          <td className="user-text">{column.name}</td>
          <td>{typeNames[column.type]} <Text span c="dimmed" ff="monospace" size="xs" ml={8}>{column.type}</Text></td>
        </tr>
      ))}
    </DataTable>
  );
}
