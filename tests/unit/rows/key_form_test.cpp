#include "rows/key_form.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace weir::outbox {
namespace {

TEST(KeyForm, IsTheSameForKeysThatMeanTheSame) {
  for (const char* key : {"7", "07", "007", "7.0", "7.00", "7.", " 7", "7 ", "\t7\r\n"})
    EXPECT_EQ(form_of_key(key), "7") << key;
  for (const char* key : {"AB-1", "ab-1", " Ab-1 "}) EXPECT_EQ(form_of_key(key), "ab-1") << key;
  for (const char* key : {"0", "00", "0.0"}) EXPECT_EQ(form_of_key(key), "0") << key;
}

TEST(KeyForm, SeesNoBlankThatIsNotSeen) {
  for (const char* key : {"\u00A0ab", "ab\u00A0", "\uFEFFab", " \u00A0 ab \u00A0\n"})
    EXPECT_EQ(form_of_key(key), "ab") << key;
  for (const char* key : {"\u00A0", "\uFEFF", " \u00A0 "}) EXPECT_EQ(form_of_key(key), "") << key;
  EXPECT_NE(form_of_key("a\u00A0b"), "ab");
}

TEST(KeyForm, IsOneForAllSpellingsOfAUuid) {
  for (const char* key :
       {"6F9619FF-8B86-D011-B42D-00C04FC964FF", "{6F9619FF-8B86-D011-B42D-00C04FC964FF}",
        "6f9619ff8b86d011b42d00c04fc964ff", " {6f9619ff-8b86-d011-b42d-00c04fc964ff} "})
    EXPECT_EQ(form_of_key(key), "6f9619ff8b86d011b42d00c04fc964ff") << key;
  for (const char* key : {"6f9619ff-8b86-d011-b42d-00c04fc964f", "{}", "-", "------",
                          "6f9619ff-8b86-d011-b42d-00c04fc964ff0", "ab-1", "{7}"})
    EXPECT_EQ(form_of_key(key), key) << "no UUID";
}

TEST(KeyForm, IsTheValueOfANumberHoweverItIsWritten) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"1",
       {"1e+00", "1E0", "1.0", "1,0", "+1", "01", "1.", "10e-1", "0.1e1", "1,00", "１", "1\u00A0"}},
      {"-1", {"-1.0", "-01", "-1e0", "\u22121", "-1,0"}},
      {"1.5", {"1.50", "1,5", "+1.5", "15e-1", "01.500", "1.5e0", "1,50"}},
      {"1000",
       {"1,000", "1e3", "1.000,0", "1,000.00", "1 000", "1\u00A0000", "1\u202F000", "1'000",
        "1’000", "1_000", "1000.0", "1E+03"}},
      {"1234567",
       {"1,234,567", "1.234.567", "1 234 567", "1'234'567.0", "12,34,567", "1.234567e6"}},
      {"1234.5", {"1,234.5", "1.234,5", "1 234,50", "1'234.5"}},
      {"0", {"-0", "0.0", "0e5", "+0", "00", "0,0"}},
      {"0.5", {".5", "0,5", "5e-1", "0.50"}}};
  for (const auto& [form, keys] : cases) {
    for (const std::string& key : keys) EXPECT_EQ(form_of_key(key), form) << key;
  }
  EXPECT_EQ(form_of_key("1e9999"), form_of_key("10e9998"));
}

TEST(KeyForm, IsASecondOneWhereANumberCanBeReadInTwoWays) {
  EXPECT_EQ(form_of_key("1.000"), "1");
  EXPECT_EQ(other_form_of_key("1.000"), "1000");
  EXPECT_EQ(form_of_key("1,000"), "1000");
  EXPECT_EQ(other_form_of_key("1,000"), "1");
  EXPECT_EQ(other_form_of_key("12.345"), "12345");
  for (const char* key : {"1", "1000", "1,00", "1.0000", "0.125", "1,000,000", "ab", "1.000a", ""})
    EXPECT_EQ(other_form_of_key(key), std::nullopt) << key;
}

TEST(KeyForm, IsOneForLettersOfEitherCaseAndHoweverTheyAreComposed) {
  for (const auto& [one, other] :
       std::vector<std::pair<std::string, std::string>>{{"ä1", "Ä1"},
                                                        {"ÉCLAIR", "éclair"},
                                                        {"straße", "STRASSE"},
                                                        {"ŁÓDŹ", "łódź"},
                                                        {"ΑΘΉΝΑΣ", "αθήνας"},
                                                        {"МОСКВА", "москва"},
                                                        {"Ёж", "ёж"},
                                                        {"İzmir", "izmir"},
                                                        {"ISPARTA", "ısparta"},
                                                        {"\u00E9", "e\u0301"},
                                                        {"\u1EA5", "a\u0302\u0301"},
                                                        {"\u0419", "\u0418\u0306"},
                                                        {"\u304C", "\u304B\u3099"},
                                                        {"\uD55C", "\u1112\u1161\u11AB"},
                                                        {"ＡＢ１", "ab1"},
                                                        {"a–b", "a-b"},
                                                        {"a\u00A0b", "a b"},
                                                        {"a  b", "a b"},
                                                        {"O’Hara", "o'hara"}})
    EXPECT_EQ(form_of_key(one), form_of_key(other)) << one;
}

TEST(KeyForm, SeesNothingThatTakesNoRoom) {
  for (const char* unseen :
       {"\u200B", "\u200C", "\u200D", "\u2060", "\uFEFF", "\u00AD", "\u200E", "\u202E", "\uFE0F"}) {
    for (const std::string& key :
         {"ab" + std::string(unseen), unseen + std::string("ab"), "a" + std::string(unseen) + "b"})
      EXPECT_EQ(form_of_key(key), "ab");
    EXPECT_EQ(form_of_key("7" + std::string(unseen)), "7");
  }
  for (const char* blank : {"\u0085", "\u2003", "\u202F", "\u3000", "\v", "\u2028"})
    EXPECT_EQ(form_of_key("ab" + std::string(blank)), "ab");
}

TEST(KeyForm, IsThatOfTheTextWhichWasReadInAnotherEncoding) {
  for (const auto& [read, text] :
       std::vector<std::pair<std::string, std::string>>{{"MÃ¼nchen", "München"},
                                                        {"MÃ\u009CNCHEN", "MÜNCHEN"},
                                                        {"MÃœNCHEN", "MÜNCHEN"},
                                                        {"â‚¬5", "€5"},
                                                        {"Ã\u00A0", "à"},
                                                        {"Ð–", "Ж"},
                                                        {"MÃƒÂ¼nchen", "München"},
                                                        {"Ã\u0081", "Á"}})
    EXPECT_EQ(form_of_key(read), form_of_key(text)) << read;
  EXPECT_NE(form_of_key("Ã"), form_of_key("Ä") + "x");
}

TEST(KeyForm, TellsApartWhatMeansSomethingElse) {
  for (const char* key : {"70", "7.5", "7-0", "7e1", "-7", "7 0", "07a", ".7", "ä", "7e", "7e+",
                          "7,,0", "--7", "7.0.0"})
    EXPECT_NE(form_of_key(key), "7") << key;
  for (const char* key :
       {"", "-", "+", ".", "e5", "1e", "1,2,3", "1 2", "1,0000,0", "1e123456", "1.2.3"})
    EXPECT_EQ(form_of_key(key), key) << "no number";
  EXPECT_EQ(form_of_key("   "), "");
  EXPECT_EQ(form_of_key("7.10"), "7.1");
  EXPECT_EQ(form_of_key("\xFF\xFE"), "\xFF\xFE") << "no text";
}

}  // namespace
}  // namespace weir::outbox
