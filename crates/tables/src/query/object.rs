//! A data file in the object store, as the Parquet reader asks for it.

use super::load::Costs;
use bytes::Bytes;
use deltalake::parquet::arrow::arrow_reader::ArrowReaderOptions;
use deltalake::parquet::arrow::async_reader::AsyncFileReader;
use deltalake::parquet::errors::{ParquetError, Result};
use deltalake::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use std::ops::Range;
use std::sync::Arc;

/// Read with the last bytes of a file, which hold its footer and mostly its page index too.
const FOOTER_BYTES: usize = 64 << 10;

pub(crate) struct DataObject {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) path: Path,
    pub(crate) bytes: u64,
    pub(crate) costs: Arc<Costs>,
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for DataObject {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        self.costs.bytes(range.end.saturating_sub(range.start));
        let read = async move { self.store.get_range(&self.path, range).await };
        read.map_err(external).boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        let bytes = ranges
            .iter()
            .map(|range| range.end.saturating_sub(range.start));
        self.costs.bytes(bytes.sum());
        let read = async move { self.store.get_ranges(&self.path, &ranges).await };
        read.map_err(external).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move {
            let bytes = self.bytes;
            let footer = ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Optional)
                .with_prefetch_hint(Some(FOOTER_BYTES))
                .load_and_finish(self, bytes)
                .await?;
            Ok(Arc::new(footer))
        }
        .boxed()
    }
}
