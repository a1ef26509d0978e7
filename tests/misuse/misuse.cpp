// Mistakes that people make with the SDK and that the compiler has to find: tests/misuse compiles
// this once for each of them. Two cells in a pair of braces too many
// would be one string from one pointer to another.
#include <weir/data_source.h>

weir::Result<void> misuse(weir::DataSource& source) {
#if defined(CASE_ROW_OF_TOO_MANY_BRACES)
  return source.upsert({{"1", "a"}});
#elif defined(CASE_ROWS_OF_TOO_MANY_BRACES)
  return source.publish({{{"1", "a"}}}).and_then([](const auto&) { return weir::Result<void>(); });
#elif defined(CASE_RESULT_WITHOUT_A_VALUE)
  return weir::Result<weir::Row>().and_then([](const auto&) { return weir::Result<void>(); });
#else
  if (auto kept = source.apply({weir::Upsert{{"1", "a"}}}); !kept) return kept.error();
  if (auto kept = source.publish({{"1", "a"}}); !kept) return kept.error();
  if (auto kept = source.publish({}, {.allow_empty = true}); !kept) return kept.error();
  if (auto kept = source.publish({{"1", "a"}, {"2", "b"}}); !kept) return kept.error();
  if (auto kept = source.upsert({}); !kept) return kept;
  if (auto kept = source.upsert({std::string("1"), "a", "b"}); !kept) return kept;
  return source.upsert({"1", "a"});
#endif
}
