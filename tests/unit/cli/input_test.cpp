#include <gtest/gtest.h>
#include <sqlite3.h>

#include "input/changes_file.h"
#include "input/row_sources.h"
#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

// What a source hands over, all at once.
struct Table {
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

Result<Table> all_of(RowSource& source, const RowQuery& query = {}) {
  Result<std::vector<std::string>> columns = source.columns();
  if (!columns) return columns.error();
  Table table{.columns = *columns, .rows = {}};
  Result<void> read = source.read(query, [&](const Row& row) -> Result<void> {
    table.rows.push_back(row);
    return {};
  });
  if (!read) return read.error();
  return table;
}

class InputTest : public ::testing::Test {
 protected:
  Result<Table> csv(const std::string& content, const RowSourceOptions& options = {}) {
    return all_of(*csv_source(folder_.write("rows.csv", content), options));
  }
  Result<Table> ndjson(const std::string& content, const RowSourceOptions& options = {}) {
    return all_of(*ndjson_source(folder_.write("rows.ndjson", content), options));
  }
  Result<Table> sql(const std::string& query, const RowQuery& asked = {}) {
    return all_of(*sql_source("sqlite3://" + folder_.file("crews.db"), query), asked);
  }
  void make_database(const std::string& statements) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.file("crews.db").c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  // What follows the folder's name in the message of a refusal.
  template <class T>
  std::string problem(const Result<T>& read) {
    if (read) return "";
    const std::string& message = read.error().message;
    return message.substr(message.find("rows.") == std::string::npos ? 0 : message.find("rows."));
  }

  testing::TemporaryFolder folder_;
};

TEST_F(InputTest, ReadsQuotesLineBreaksAndCommasInCells) {
  const Result<Table> table = csv("id,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,\n\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "text"}));
  EXPECT_EQ(table->rows, (std::vector<Row>{{"1", "a, \"b\"\nc"}, {"2", ""}}));
}

TEST_F(InputTest, PassesOverAByteOrderMarkAndAMissingLastLineBreak) {
  const Result<Table> table = csv("\xEF\xBB\xBFid,text\n1,x");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns.front(), "id");
  EXPECT_EQ(table->rows.size(), 1U);
}

TEST_F(InputTest, NamesTheLineOfABadCsvRow) {
  EXPECT_EQ(problem(csv("id,text\n1,x\n2\n")),
            "rows.csv, line 3: the row has 1 cell, but the header has 2");
  EXPECT_EQ(problem(csv("id,text\n1,\"open\n2,x\n")),
            "rows.csv, line 2: a quote is opened here and never closed");
  EXPECT_EQ(problem(csv("id,text\n1,\"a\"b\n")),
            "rows.csv, line 2: text after a closing quote; write a quote inside of a cell twice");
  EXPECT_EQ(problem(csv("id,text\n1,a\"b\n")),
            "rows.csv, line 2: a quote inside a cell that does not begin with one; put the cell in "
            "quotes and write each quote in it twice");
  EXPECT_EQ(problem(csv(std::string("id,text\n1,a\0b\n", 14))),
            "rows.csv, line 2: a NUL byte; is this a text file?");
}

TEST_F(InputTest, RefusesACsvFileWithoutUsableColumns) {
  EXPECT_NE(problem(csv("")).find("empty"), std::string::npos);
  EXPECT_NE(problem(csv("id,id\n")).find("comes twice"), std::string::npos);
  EXPECT_NE(problem(csv("id,\n")).find("no name"), std::string::npos);
  EXPECT_NE(problem(csv("id\n")).find("at least one more"), std::string::npos);
  EXPECT_NE(problem(csv("\xFF\xFEi\0d\0")).find("UTF-16"), std::string::npos);
  EXPECT_NE(problem(all_of(*csv_source(folder_.file("rows.missing")))).find("cannot be opened"),
            std::string::npos);
}

TEST_F(InputTest, MovesTheKeyColumnToTheFront) {
  const Result<Table> table = csv("city,id,crew\na,1,x\n", {.key = "id"});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "city", "crew"}));
  EXPECT_EQ(table->rows.front(), (Row{"1", "a", "x"}));
  EXPECT_NE(problem(csv("city,id,crew\na,1,x\n", {.key = "key"}))
                .find("the columns are “city, id, crew”"),
            std::string::npos);
}

TEST_F(InputTest, ChoosesAndRenamesColumns) {
  const Result<Table> table =
      csv("a,b,c\n1,2,3\n", {.key = "id", .columns = parse_columns("c,id=a")});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "c"}));
  EXPECT_EQ(table->rows.front(), (Row{"1", "3"}));
  EXPECT_FALSE(csv("a,b\n1,2\n", {.columns = parse_columns("a,x")}));
  EXPECT_FALSE(csv("a,b\n1,2\n", {.columns = parse_columns("a,a=b")}));
}

TEST_F(InputTest, ShowsAUserOnlyTheRowsWhichAreTheirs) {
  const std::string text = "id,owner\n1,ann@x.org\n2,bob@x.org\n3,Ann@X.org\n";
  const auto source = csv_source(folder_.write("rows.csv", text), {.user_column = "owner"});
  EXPECT_EQ(all_of(*source, {.user = "ANN@x.org"})->rows.size(), 2U);
  EXPECT_EQ(all_of(*source, {.user = ""})->rows.size(), 0U);
  EXPECT_EQ(all_of(*source)->rows.size(), 3U);
}

TEST_F(InputTest, AddsTheLineToAnErrorOfTheOneWhoTakesTheRow) {
  const auto source = csv_source(folder_.write("rows.csv", "id,text\n1,\"a\nb\"\n2,x\n"));
  const Result<void> read = source->read({}, [](const Row& row) -> Result<void> {
    if (row.front() == "1") return {};
    return Error{.code = ErrorCode::kInvalidArgument, .message = "bad row"};
  });
  EXPECT_EQ(problem(read), "rows.csv, line 4: bad row");
}

TEST_F(InputTest, TellsAFileThatWasReplacedOrWrittenFromWhatItWas) {
  const auto source = csv_source(folder_.write("rows.csv", "id,text\n1,x\n"));
  const auto first = source->version();
  EXPECT_EQ(source->version().value(), first.value());
  std::filesystem::rename(folder_.write("new.csv", "id,text\n1,y\n"), folder_.file("rows.csv"));
  const auto replaced = source->version();
  EXPECT_NE(replaced.value(), first.value());
  folder_.write("rows.csv", "id,text\n1,yy\n");
  EXPECT_NE(source->version().value(), replaced.value());
}

TEST_F(InputTest, RefusesAFileThatIsWrittenWhileItIsRead) {
  const std::string path = folder_.write("rows.csv", "id,text\n1,x\n");
  const Result<void> read = csv_source(path)->read({}, [&](const Row& row) -> Result<void> {
    if (row.front() == "1") std::ofstream(path, std::ios::app) << "2,y\n";
    return {};
  });
  EXPECT_NE(problem(read).find("was written while it was read"), std::string::npos);
}

TEST_F(InputTest, ReadsTheOldFileToItsEndWhenItIsReplacedMeanwhile) {
  const std::string path = folder_.write("rows.csv", "id,text\n1,x\n2,y\n");
  const Result<void> read = csv_source(path)->read({}, [&](const Row&) -> Result<void> {
    std::filesystem::rename(folder_.write("new.csv", "id,text\n"), path);
    return {};
  });
  EXPECT_TRUE(read) << read.error().message;
}

TEST_F(InputTest, ReadsRecordsInTheOrderOfTheFirst) {
  const Result<Table> table =
      ndjson("{\"id\":1,\"b\":\"x\",\"c\":null}\n\n{\"c\":true,\"id\":\"2\"}\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "b", "c"}));
  EXPECT_EQ(table->rows, (std::vector<Row>{{"1", "x", ""}, {"2", "", "true"}}));
}

TEST_F(InputTest, KeepsNumbersAsTheyAreWritten) {
  const Result<Table> table =
      ndjson("{\"id\":9007199254740993,\"price\":1.10,\"big\":123456789012345678901234567890}\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows.front(),
            (Row{"9007199254740993", "1.10", "123456789012345678901234567890"}));
}

TEST_F(InputTest, NamesTheLineOfABadRecord) {
  EXPECT_EQ(problem(ndjson("{\"id\":1,\"b\":1}\n{\"id\":2,\"x\":3}\n")),
            "rows.ndjson, line 2: member 'x' is not in the first record; name all columns with "
            "--columns");
  EXPECT_NE(problem(ndjson("{\"id\":1,\"b\":1}\n{oops\n")).find("line 2: not valid JSON"),
            std::string::npos);
  EXPECT_NE(problem(ndjson("{\"id\":{}}\n")).find("member 'id' is an object"), std::string::npos);
  EXPECT_NE(problem(ndjson("{\"id\":[1]}\n")).find("member 'id' is a list"), std::string::npos);
  EXPECT_NE(problem(ndjson("{\"id\":1,\"id\":2}\n")).find("comes twice"), std::string::npos);
  EXPECT_NE(problem(ndjson("[1,2]\n")).find("not a JSON object"), std::string::npos);
  EXPECT_NE(problem(ndjson("7\n")).find("not a JSON object"), std::string::npos);
  EXPECT_NE(problem(ndjson("\n")).find("no records"), std::string::npos);
}

TEST_F(InputTest, ReadsAQueryWithoutLosingDigits) {
  make_database(
      "CREATE TABLE crews (id INTEGER, name TEXT, since TEXT);"
      "INSERT INTO crews VALUES (9007199254740993, 'a', NULL), (2, 'b''c', '2024-02-05')");
  const Result<Table> table = sql("SELECT * FROM crews ORDER BY id DESC ; ");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "name", "since"}));
  EXPECT_EQ(table->rows,
            (std::vector<Row>{{"9007199254740993", "a", ""}, {"2", "b'c", "2024-02-05"}}));
}

TEST_F(InputTest, GivesTheUserToAQueryThatAsksForIt) {
  make_database(
      "CREATE TABLE crews (id TEXT, owner TEXT);"
      "INSERT INTO crews VALUES ('1', 'ann@x.org'), ('2', 'o''bob@x.org')");
  const std::string query = "SELECT id, owner FROM crews WHERE :email IS NULL OR owner = :email";
  EXPECT_EQ(sql(query, {.user = "o'bob@x.org"})->rows, (std::vector<Row>{{"2", "o'bob@x.org"}}));
  EXPECT_EQ(sql(query, {.user = "' OR 1 = 1 --"})->rows.size(), 0U);
  EXPECT_EQ(sql(query)->rows.size(), 2U);
}

TEST_F(InputTest, ShowsNoPasswordOfADatabase) {
  const Result<Table> table =
      all_of(*sql_source("postgresql://weir:s3cret@127.0.0.1:1/none", "SELECT 1"));
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message.find("s3cret"), std::string::npos) << table.error().message;
  EXPECT_FALSE(all_of(*sql_source("mysql://x", "SELECT 1")));
}

TEST_F(InputTest, MakesNoDatabaseWhereNoneIs) {
  EXPECT_FALSE(sql("SELECT 1 AS a, 2 AS b"));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("crews.db")));
}

TEST_F(InputTest, ReadsChangesFromCsv) {
  const Result<ChangesFile> file =
      read_changes(folder_.write("rows.csv", "city,op,id\na,upsert,1\n,delete,2\n"), "id");
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->changes.size(), 2U);
  EXPECT_EQ(std::get<Upsert>(file->changes[0]).row, (Row{"1", "a"}));
  EXPECT_EQ(std::get<Erase>(file->changes[1]).key, "2");
  EXPECT_EQ(problem(read_changes(folder_.write("rows.csv", "op,id,city\nset,1,a\n"), {})),
            "rows.csv, line 2: op is “set”; it must be upsert or delete");
  EXPECT_EQ(problem(read_changes(folder_.write("rows.csv", "id,city\n1,a\n"), {})),
            "rows.csv, line 1: there is no column 'op', which says upsert or delete; the columns "
            "are “id, city”");
}

TEST_F(InputTest, ReadsChangesFromNdjson) {
  const Result<ChangesFile> file =
      read_changes(folder_.write("rows.ndjson",
                                 "{\"op\":\"delete\",\"id\":9}\n{\"op\":\"upsert\",\"city\":\"a\","
                                 "\"id\":1}\n{\"op\":\"set\",\"id\":2,\"city\":\"b\"}\n"),
                   {});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(std::get<Erase>(file->changes[0]).key, "9");
  EXPECT_EQ(std::get<Upsert>(file->changes[1]).row, (Row{"1", "a"}));
  EXPECT_EQ(std::get<SetCells>(file->changes[2]).cells.front().column, "city");
  EXPECT_NE(problem(read_changes(folder_.write("rows.ndjson", "{\"op\":\"upsert\"}\n"), {}))
                .find("there is no key"),
            std::string::npos);
}

}  // namespace
}  // namespace weir::cli
