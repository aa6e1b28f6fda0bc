import { useQuery } from '@tanstack/react-query';
import { meQuery } from '@/api/queries';
import { isVisitor } from './visitor';

/** Whether nobody is signed in and an open project is looked at. */
export function useVisitor(): boolean {
  return isVisitor(useQuery(meQuery).data);
}
