// Cells of every type of each database, whole, by each way to it.
#include "sql_fixture.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

struct Value {
  std::string literal;
  std::string text;  // as the source hands it over
};

struct TypeCase {
  std::string type;
  std::vector<Value> values;
};

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

const std::string kUmlauts = "ÄÖÜäöüßéèà";
const std::string kSigns = "€€€€€€€€€€";
const std::string kFaces = "😀😀😀😀😀😀😀😀😀😀";

// What all of them have alike.
const std::vector<TypeCase> kCommon = {
    {"integer",
     {{"0", "0"}, {"-2147483648", "-2147483648"}, {"2147483647", "2147483647"}, {"NULL", ""}}},
    {"smallint", {{"-32768", "-32768"}, {"32767", "32767"}}},
    {"bigint",
     {{"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775807", "9223372036854775807"}}},
    {"numeric(5,2)", {{"-999.99", "-999.99"}, {"999.99", "999.99"}, {"NULL", ""}}},
    {"varchar(10)",
     {{"'" + kUmlauts + "'", kUmlauts},
      {"'" + kSigns + "'", kSigns},
      {"'" + kFaces + "'", kFaces},
      {"''", ""},
      {"NULL", ""},
      {"'0123456789'", "0123456789"},
      {"' a '", " a "}}},
    {"text",
     {{"'it''s; \"quoted\", -- no comment'", "it's; \"quoted\", -- no comment"},
      {"':email'", ":email"}}},
    {"date", {{"'2024-02-29'", "2024-02-29"}}}};

const std::vector<TypeCase> kOfServers = {
    {"decimal(38,2)",
     {{"-999999999999999999999999999999999999.99", "-999999999999999999999999999999999999.99"}}},
    {"numeric(30,30)",
     {{"-0.000000000000000000000000000001", "-0.000000000000000000000000000001"}}},
    {"char(3)", {{"'a😀ü'", "a😀ü"}}},
    {"time", {{"'12:30:59'", "12:30:59"}}},
    {"timestamp(6)", {{"'2024-01-02 03:04:05.678901'", "2024-01-02 03:04:05.678901"}}}};

const std::vector<TypeCase> kOfPostgres = {
    {"decimal(42,2)",
     {{"1234567890123456789012345678901234567890.25",
       "1234567890123456789012345678901234567890.25"}}},
    {"numeric", {{"'NaN'", "NaN"}, {"1e-20", "0.00000000000000000001"}}},
    {"real", {{"-1.5", "-1.5"}}},
    {"jsonb", {{"'{\"a\": [1, \"ü\"]}'", "{\"a\": [1, \"ü\"]}"}}},
    {"json", {{"'{\"a\":1}'", "{\"a\":1}"}}},
    {"int[]", {{"'{1,-2}'", "{1,-2}"}}},
    {"text[]", {{"'{a,NULL,\"x y\"}'", "{a,NULL,\"x y\"}"}}},
    {"bit(3)", {{"B'101'", "101"}}},
    {"inet", {{"'192.168.0.1/24'", "192.168.0.1/24"}}},
    {"money", {{"'-1.50'", "-$1.50"}}},
    {"int4range", {{"'[1,5)'", "[1,5)"}}},
    {"xml", {{"'<a>ü</a>'", "<a>ü</a>"}}},
    {"\"char\"", {{"'x'", "x"}}},
    {"name", {{"'abc'", "abc"}}}};

const std::vector<TypeCase> kOfMariadb = {
    {"decimal(42,2)",
     {{"1234567890123456789012345678901234567890.25",
       "1234567890123456789012345678901234567890.25"}}},
    {"decimal(65,0)", {{"-" + repeated("9", 65), "-" + repeated("9", 65)}}},
    {"tinyint", {{"-128", "-128"}}},
    {"tinyint unsigned", {{"255", "255"}}},
    {"mediumint", {{"-8388608", "-8388608"}}},
    {"int unsigned", {{"4294967295", "4294967295"}}},
    {"bigint unsigned", {{"18446744073709551615", "18446744073709551615"}}},
    {"int(10) zerofill", {{"7", "0000000007"}}},
    {"boolean", {{"true", "1"}, {"false", "0"}, {"NULL", ""}}},
    {"bit(1)", {{"b'1'", "1"}, {"b'0'", "0"}, {"NULL", ""}}},
    {"tinytext", {{"'" + kUmlauts + "'", kUmlauts}}},
    {"longtext", {{"'" + kFaces + "'", kFaces}, {"''", ""}}},
    {"enum('a','ü')", {{"'ü'", "ü"}}},
    {"set('a','b')", {{"'a,b'", "a,b"}}},
    {"json", {{"'{\"a\":1}'", "{\"a\":1}"}}},
    {"year", {{"2024", "2024"}}},
    {"time", {{"'-838:59:59'", "-838:59:59"}, {"'12:30:59'", "12:30:59"}}},
    {"datetime", {{"'9999-12-31 23:59:59'", "9999-12-31 23:59:59"}}}};

std::vector<TypeCase> types_of(const Way& way) {
  std::vector<TypeCase> types = kCommon;
  const auto add = [&](const std::vector<TypeCase>& more) {
    types.insert(types.end(), more.begin(), more.end());
  };
  const bool is_sqlite = way.name.starts_with("sqlite");
  if (!is_sqlite) add(kOfServers);
  if (way.name == "mariadb") add(kOfMariadb);
  if (!is_sqlite && way.name != "mariadb") add(kOfPostgres);
  if (way.name == "postgresql") {
    add({{"boolean", {{"true", "t"}, {"false", "f"}}},
         {"uuid",
          {{"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}}}});
  }
  if (way.name.starts_with("psqlodbc"))
    add({{"boolean", {{"true", "1"}, {"false", "0"}, {"NULL", ""}}}});
  return types;
}

TEST_P(OnEachWay, HandsOverTheWholeOfEachType) {
  int number = 0;
  for (const TypeCase& type : types_of(GetParam())) {
    const std::string table = GetParam().name + "_t" + std::to_string(++number);
    std::string values;
    for (std::size_t i = 0; i < type.values.size(); ++i) {
      values += (i == 0 ? "(" : ", (") + std::to_string(i) + ", " + type.values[i].literal + ")";
    }
    GetParam().run("CREATE TABLE " + table + " (id int, v " + type.type + "); INSERT INTO " +
                   table + " VALUES " + values);
    // The same again and again: what lies in memory must not matter.
    for (int time = 0; time < 3; ++time) {
      const Result<Table> read =
          read_table(GetParam().url(), "SELECT id, v FROM " + table + " ORDER BY id");
      ASSERT_TRUE(read) << type.type << ": " << read.error().message;
      ASSERT_EQ(read->rows.size(), type.values.size());
      for (std::size_t i = 0; i < type.values.size(); ++i)
        EXPECT_EQ(read->rows[i][1], type.values[i].text) << type.type;
    }
  }
}

TEST_P(OnEachWay, LosesNoDigitOfADouble) {
  const std::string table = GetParam().name + "_double";
  GetParam().run(
      "CREATE TABLE " + table + " (id int, v double precision); INSERT INTO " + table +
      " VALUES (0, 1.5), (1, -1.2345678901234567e300), (2, 2.2250738585072014e-308), (3, "
      "1.2345678901234567e-05), (4, -0.1)");
  const std::vector<double> wanted = {1.5, -1.2345678901234567e300, 2.2250738585072014e-308,
                                      1.2345678901234567e-05, -0.1};
  const Result<Table> read =
      read_table(GetParam().url(), "SELECT id, v FROM " + table + " ORDER BY id");
  ASSERT_TRUE(read) << read.error().message;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string& text = read->rows.at(i).at(1);
    const double read_back = std::strtod(text.c_str(), nullptr);
    if (GetParam().name == "sqliteodbc") {
      // The driver shows 15 digits.
      EXPECT_NEAR(read_back / wanted[i], 1, 1e-14) << text;
    } else {
      EXPECT_EQ(read_back, wanted[i]) << text;
    }
  }
}

TEST_P(OnEachWay, HandsOverWholeCellsOfEverySize) {
  const std::string table = GetParam().name + "_sizes";
  const std::vector<std::string> letters = {"x", "ä", "€", "😀"};
  const std::string type = GetParam().name == "mariadb" ? "longtext" : "text";
  GetParam().run("CREATE TABLE " + table + " (id int, v " + type + ")");
  std::vector<std::string> wanted;
  for (const std::size_t size : {0UL, 1UL, 255UL, 256UL, 257UL, 8191UL, 32767UL, 65534UL, 65535UL,
                                 65536UL, 65537UL, 131'072UL, 1'048'576UL}) {
    for (const std::string& letter : letters) {
      // One letter of one byte in front moves where a piece ends.
      for (const std::string front : {"", "a"}) {
        const std::size_t times = size / letter.size();
        if (size > 200'000 && letter.size() != 1 && front.empty()) continue;
        const std::string repeat =
            GetParam().name.starts_with("sqlite")
                ? "replace(hex(zeroblob(" + std::to_string(times) + ")), '00', '" + letter + "')"
                : "repeat('" + letter + "', " + std::to_string(times) + ")";
        const std::string value = GetParam().name == "mariadb"
                                      ? "concat('" + front + "', " + repeat + ")"
                                      : "'" + front + "' || " + repeat;
        GetParam().run("INSERT INTO " + table + " VALUES (" + std::to_string(wanted.size()) + ", " +
                       value + ")");
        wanted.push_back(front + repeated(letter, times));
      }
    }
  }
  const Result<Table> read =
      read_table(GetParam().url(), "SELECT id, v FROM " + table + " ORDER BY id");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->rows.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_TRUE(read->rows[i][1] == wanted[i])
        << "cell " << i << " of " << wanted[i].size() << " bytes has " << read->rows[i][1].size();
}

TEST_P(OnEachWay, HandsOverExpressionsWhole) {
  const std::string table = GetParam().name + "_sums";
  GetParam().run("CREATE TABLE " + table + " (id int, amount numeric(7,2), label varchar(5)); " +
                 "INSERT INTO " + table + " VALUES (1, -99999.99, 'ÄÖÜäö')");
  const bool is_mariadb = GetParam().name == "mariadb";
  const std::string joined = is_mariadb ? "concat(label, label, '😀')" : "label || label || '😀'";
  const Result<Table> read = read_table(
      GetParam().url(), "SELECT id, avg(amount) AS a, sum(amount) AS s, max(amount) * 1000 AS m, " +
                            joined + " AS l, count(*) AS n FROM " + table + " GROUP BY id, label");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->columns, (std::vector<std::string>{"id", "a", "s", "m", "l", "n"}));
  const Row& row = read->rows.at(0);
  EXPECT_DOUBLE_EQ(std::stod(row[1]), -99999.99) << row[1];
  EXPECT_DOUBLE_EQ(std::stod(row[2]), -99999.99) << row[2];
  EXPECT_DOUBLE_EQ(std::stod(row[3]), -99999990.0) << row[3];
  EXPECT_EQ(row[4], "ÄÖÜäöÄÖÜäö😀");
  EXPECT_EQ(row[5], "1");
}

// Of every precision, all digits and both signs.
TEST_P(OnEachWay, LosesNoDigitOfADecimal) {
  if (GetParam().name.starts_with("sqlite")) GTEST_SKIP() << "SQLite has no decimals";
  const std::string table = GetParam().name + "_decimals";
  std::string definition = "id int";
  std::string values = "1";
  std::vector<std::string> wanted = {"1"};
  std::string negative_values = "2";
  std::vector<std::string> negative = {"2"};
  for (int precision = 1; precision <= 65; ++precision) {
    const int scale = std::min({precision / 2, 30});
    std::string digits = repeated("9", static_cast<std::size_t>(precision - scale));
    if (scale > 0) digits += "." + repeated("9", static_cast<std::size_t>(scale));
    definition += ", c" + std::to_string(precision) + " decimal(" + std::to_string(precision) +
                  "," + std::to_string(scale) + ")";
    values += ", " + digits;
    negative_values += ", -" + digits;
    wanted.push_back(digits);
    negative.push_back("-" + digits);
  }
  GetParam().run("CREATE TABLE " + table + " (" + definition + "); INSERT INTO " + table +
                 " VALUES (" + values + "), (" + negative_values + ")");
  const Result<Table> read =
      read_table(GetParam().url(), "SELECT * FROM " + table + " ORDER BY id");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->rows, (std::vector<Row>{wanted, negative}));
}

TEST_P(OnEachWay, ReadsNoneOneAndManyRows) {
  const std::string table = GetParam().name + "_many";
  GetParam().run("CREATE TABLE " + table + " (id int, v varchar(20))");
  const std::string query = "SELECT id, v FROM " + table + " ORDER BY id";
  const Result<Table> none = read_table(GetParam().url(), query);
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_EQ(none->columns, (std::vector<std::string>{"id", "v"}));
  EXPECT_TRUE(none->rows.empty());
  GetParam().run("INSERT INTO " + table + " VALUES (0, 'row 0')");
  std::string power = "1";
  for (int i = 0; i < 16; ++i) {
    GetParam().run("INSERT INTO " + table + " SELECT id + " + power + ", 'more' FROM " + table);
    power = std::to_string(std::stoi(power) * 2);
  }
  const Result<Table> many = read_table(GetParam().url(), query);
  ASSERT_TRUE(many) << many.error().message;
  ASSERT_EQ(many->rows.size(), 65'536U);
  for (std::size_t i = 0; i < many->rows.size(); ++i)
    ASSERT_EQ(many->rows[i][0], std::to_string(i));
}

TEST_P(OnEachWay, NamesColumnsInAnyScript) {
  const std::string quote = GetParam().name == "mariadb" ? "`" : "\"";
  const Result<Table> read =
      read_table(GetParam().url(), "SELECT 'Ärger' AS " + quote + "Größe" + quote + ", 'b' AS " +
                                       quote + "Name, voll" + quote);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->columns, (std::vector<std::string>{"Größe", "Name, voll"}));
  EXPECT_EQ(read->rows, (std::vector<Row>{{"Ärger", "b"}}));
}

TEST_P(OnEachWay, AsksForTheRowsOfAUser) {
  const std::string table = GetParam().name + "_jobs";
  GetParam().run("CREATE TABLE " + table + " (id int, crew varchar(30)); INSERT INTO " + table +
                 " VALUES (1, 'ann@x.org'), (2, 'o''bob@x.org'), (3, 'jürgen😀@x.org')");
  const std::string url = GetParam().url();
  const auto ids = [&](const std::string& query, const std::optional<std::string>& user) {
    const Result<Table> read = read_table(url, query, {.user = user});
    if (!read) return read.error().message;
    std::string found;
    for (const Row& row : read->rows) found += row.at(0);
    return found;
  };
  const std::string plain = "SELECT id, crew FROM " + table + " WHERE crew = :email ORDER BY id";
  EXPECT_EQ(ids(plain, "ann@x.org"), "1");
  EXPECT_EQ(ids(plain, "o'bob@x.org"), "2");
  EXPECT_EQ(ids(plain, "jürgen😀@x.org"), "3");
  EXPECT_EQ(ids(plain, "' OR 1 = 1 --"), "");
  EXPECT_EQ(ids(plain, ""), "");
  EXPECT_EQ(ids(plain, std::nullopt), "");
  const std::string either =
      "SELECT id, crew FROM " + table +
      " WHERE :email IS NULL OR crew = :email OR ':email' = crew ORDER BY id";
  EXPECT_EQ(ids(either, "ann@x.org"), "1");
  EXPECT_EQ(ids(either, std::nullopt), "123");
  EXPECT_THAT(ids("SELECT id, crew FROM " + table, "ann@x.org"),
              HasSubstr("the query has no :email"));
}

INSTANTIATE_TEST_SUITE_P(Sql, OnEachWay, ::testing::ValuesIn(all_ways()), way_name);

}  // namespace
}  // namespace weir::cli
