#include "store/row_secret.h"

#include "os/random.h"
#include "store/damaged_cell.h"

namespace weir::store {

std::string load_row_secret(Statements& sql) {
  const auto lines = sql.run("SELECT secret FROM row_secret");
  if (lines.empty()) {
    throw StoreFailure(
        {.code = ErrorCode::kStoreUnusable,
         .message = "the store is damaged: its table row_secret is empty. Keep a copy, start with "
                    "another path and publish the rows again"});
  }
  std::string secret = lines.front().bytes(0);
  if (secret.size() != kRowSecretBytes) throw DamagedCell(0);
  return secret;
}

void draw_row_secret(Statements& sql) {
  sql.run("INSERT INTO row_secret (id, secret) VALUES (1, $1)",
          {Blob{os::random_bytes(kRowSecretBytes)}});
}

}  // namespace weir::store
