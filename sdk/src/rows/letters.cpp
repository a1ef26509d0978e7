#include "rows/letters.h"

#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace weir::outbox {
namespace {

// The first letter of each is the small one without accents that the others become.
constexpr std::array<std::u32string_view, 72> kAlike = {
    U"aÀÁÂÃÄÅàáâãäåĀāĂăĄąǍǎǞǟǠǡǺǻȀȁȂȃȦȧḀḁẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặ",
    U"æÆǢǣǼǽ",
    U"cÇçĆćĈĉĊċČčḈḉ",
    U"eÈÉÊËèéêëĒēĔĕĖėĘęĚěȄȅȆȇȨȩḔḕḖḗḘḙḚḛḜḝẸẹẺẻẼẽẾếỀềỂểỄễỆệ",
    U"iÌÍÎÏìíîïĨĩĪīĬĭĮįİǏǐȈȉȊȋḬḭḮḯỈỉỊịı",
    U"nÑñŃńŅņŇňǸǹṄṅṆṇṈṉṊṋ",
    U"oÒÓÔÕÖòóôõöŌōŎŏŐőƠơǑǒǪǫǬǭȌȍȎȏȪȫȬȭȮȯȰȱṌṍṎṏṐṑṒṓỌọỎỏỐốỒồỔổỖỗỘộỚ"
    U"ớỜờỞởỠỡỢợ",
    U"øØǾǿ",
    U"uÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưǓǔǕǖǗǘǙǚǛǜȔȕȖȗṲṳṴṵṶṷṸṹṺṻỤụỦủỨứỪừỬửỮữỰ"
    U"ự",
    U"yÝýÿŶŷŸȲȳẎẏẙỲỳỴỵỶỷỸỹ",
    U"dĎďḊḋḌḍḎḏḐḑḒḓ",
    U"gĜĝĞğĠġĢģǦǧǴǵḠḡ",
    U"hĤĥȞȟḢḣḤḥḦḧḨḩḪḫẖ",
    U"jĴĵǰ",
    U"kĶķǨǩḰḱḲḳḴḵ",
    U"lĹĺĻļĽľḶḷḸḹḺḻḼḽ",
    U"rŔŕŖŗŘřȐȑȒȓṘṙṚṛṜṝṞṟ",
    U"sŚśŜŝŞşŠšſȘșṠṡṢṣṤṥṦṧṨṩẛ",
    U"tŢţŤťȚțṪṫṬṭṮṯṰṱẗ",
    U"wŴŵẀẁẂẃẄẅẆẇẈẉẘ",
    U"zŹźŻżŽžẐẑẒẓẔẕ",
    U"ʒƷǮǯ",
    U"ǆǄǅ",
    U"ǉǇǈ",
    U"ǌǊǋ",
    U"ǳǱǲ",
    U"αΆΑάἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏὰάᾰᾱᾶᾸᾹᾺΆ",
    U"εΈΕέϵἐἑἒἓἔἕἘἙἚἛἜἝὲέῈΈ",
    U"ηΉΗήἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯὴήῆῊΉ",
    U"ιΊΐΙΪίϊἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὶίιῐῑῒΐῖῗῘῙῚΊ",
    U"οΌΟόὀὁὂὃὄὅὈὉὊὋὌὍὸόῸΌ",
    U"υΎΥΫΰϋύὐὑὒὓὔὕὖὗὙὛὝὟὺύῠῡῢΰῦῧῨῩῪΎ",
    U"ωΏΩώὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὼώῶῺΏ",
    U"βΒϐ",
    U"θΘϑϴ",
    U"κΚϰ",
    U"πΠϖ",
    U"ρΡϱῤῥῬ",
    U"σΣς",
    U"φΦϕ",
    U"еЀЁЕѐёӖӗ",
    U"гЃГѓ",
    U"іІЇї",
    U"кЌКќ",
    U"иЍИЙйѝӢӣӤӥ",
    U"уЎУўӮӯӰӱӲӳ",
    U"аАӐӑӒӓ",
    U"жЖӁӂӜӝ",
    U"зЗӞӟ",
    U"оОӦӧ",
    U"чЧӴӵ",
    U"ыЫӸӹ",
    U"эЭӬӭ",
    U"ѵѴѶѷ",
    U"әӘӚӛ",
    U"өӨӪӫ",
    U"bḂḃḄḅḆḇ",
    U"fḞḟ",
    U"mḾḿṀṁṂṃ",
    U"pṔṕṖṗ",
    U"vṼṽṾṿ",
    U"xẊẋẌẍ",
    U"はばぱ",
    U"ひびぴ",
    U"ふぶぷ",
    U"へべぺ",
    U"ほぼぽ",
    U"ハバパ",
    U"ヒビピ",
    U"フブプ",
    U"ヘベペ",
    U"ホボポ",
};

// Small letters, each before the only other that becomes it.
constexpr std::u32string_view kPairs =
    U"ðÐþÞđĐħĦĳĲŀĿłŁŋŊœŒŧŦɓƁƃƂƅƄɔƆƈƇɖƉɗƊƌƋǝƎəƏɛƐƒƑɠƓɣƔɩƖɨƗƙƘɯƜɲƝɵƟƣƢƥƤʀƦƨƧʃƩƭƬʈƮʊƱʋƲƴƳ"
    U"ƶƵƹƸƽƼǥǤƕǶƿǷȝȜƞȠȣȢȥȤⱥȺȼȻƚȽⱦȾɂɁƀɃʉɄʌɅɇɆɉɈɋɊɍɌɏɎͱͰͳͲʹʹͷͶϳͿγΓδΔζΖλΛμΜνΝξΞτΤχΧψ"
    U"Ψ"
    U"ϗ"
    U"Ϗ"
    U"ϙ"
    U"Ϙ"
    U"ϛϚϝϜϟϞϡϠϣϢϥϤϧϦϩϨϫϪϭϬϯϮϸϷϲϹϻϺͻϽͼϾͽϿђЂєЄѕЅјЈљЉњЊћЋџЏбБвВдДлЛмМнНпПрРсСтТфФхХцЦшШщЩ"
    U"ъЪьЬюЮяЯѡѠѣѢѥѤѧѦѩѨѫѪѭѬѯѮѱѰѳѲѹѸѻѺѽѼѿѾҁҀҋҊҍҌҏҎґҐғҒҕҔҗҖҙҘқҚҝҜҟҞҡҠңҢҥҤҧҦҩҨҫҪҭҬүҮұҰҳҲ"
    U"ҵҴҷҶҹҸһҺҽҼҿҾӏӀӄӃӆӅӈӇӊӉӌӋӎӍӕӔӡӠӷӶӻӺӽӼӿӾԁԀԃԂԅԄԇԆԉԈԋԊԍԌԏԎԑԐԓԒԕԔԗԖԙԘԛԚԝԜԟԞԡԠԣԢԥԤԧԦ"
    U"ԩ"
    U"Ԩ"
    U"ԫԪԭԬԯԮաԱբԲգԳդԴեԵզԶէԷըԸթԹժԺիԻլԼխԽծԾկԿհՀձՁղՂճՃմՄյՅնՆշՇոՈչՉպՊջՋռՌսՍվՎտՏրՐցՑւՒփ"
    U"Փ"
    U"ք"
    U"Ք"
    U"օ"
    U"Օ"
    U"ֆՖỻỺỽỼỿỾかがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどうゔゝゞカガキギクグケゲ"
    U"コゴサザシジスズセゼソゾタダチヂツヅテデトドウヴワヷヰヸヱヹ"
    U"ヲヺヽヾ";

// What is not seen: hyphens that may be, joiners, marks of direction, of order and of variants.
constexpr std::array<std::pair<char32_t, char32_t>, 9> kUnseen = {{{0xAD, 0xAD},
                                                                   {0x61C, 0x61C},
                                                                   {0x180E, 0x180E},
                                                                   {0x200B, 0x200F},
                                                                   {0x202A, 0x202E},
                                                                   {0x2060, 0x2064},
                                                                   {0x2066, 0x206F},
                                                                   {0xFE00, 0xFE0F},
                                                                   {0xFEFF, 0xFEFF}}};

// Accents that are letters of their own.
constexpr std::array<std::pair<char32_t, char32_t>, 5> kAccents = {
    {{0x300, 0x36F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0x3099, 0x309A}}};

constexpr std::array<std::pair<char32_t, char32_t>, 10> kBlanks = {{{0x09, 0x0D},
                                                                    {0x20, 0x20},
                                                                    {0x85, 0x85},
                                                                    {0xA0, 0xA0},
                                                                    {0x1680, 0x1680},
                                                                    {0x2000, 0x200A},
                                                                    {0x2028, 0x2029},
                                                                    {0x202F, 0x202F},
                                                                    {0x205F, 0x205F},
                                                                    {0x3000, 0x3000}}};

template <std::size_t kCount>
bool is_among(const std::array<std::pair<char32_t, char32_t>, kCount>& ranges, char32_t letter) {
  for (const auto& [first, last] : ranges) {
    if (letter >= first && letter <= last) return true;
  }
  return false;
}

const std::unordered_map<char32_t, char32_t>& small_letters() {
  static const auto letters = [] {
    std::unordered_map<char32_t, char32_t> all;
    for (const std::u32string_view alike : kAlike) {
      for (const char32_t letter : alike.substr(1)) all.emplace(letter, alike.front());
    }
    for (std::size_t i = 0; i + 1 < kPairs.size(); i += 2) all.emplace(kPairs[i + 1], kPairs[i]);
    return all;
  }();
  return letters;
}

// Of a Korean syllable, the letters that it is made of.
void add_syllable(char32_t syllable, std::u32string& letters) {
  const char32_t index = syllable - 0xAC00;
  letters += 0x1100 + index / 588;
  letters += 0x1161 + index % 588 / 28;
  if (index % 28 != 0) letters += 0x11A7 + index % 28;
}

// Signs that programs write for another.
char32_t plain(char32_t letter) {
  if (letter >= 0xFF01 && letter <= 0xFF5E) return letter - 0xFEE0;
  if ((letter >= 0x2010 && letter <= 0x2015) || letter == 0x2212) return '-';
  if (letter == 0x2018 || letter == 0x2019) return '\'';
  return is_blank(letter) ? U' ' : letter;
}

}  // namespace

bool is_blank(char32_t letter) { return is_among(kBlanks, letter); }
bool is_unseen(char32_t letter) { return is_among(kUnseen, letter); }

std::optional<std::u32string> letters_of(std::string_view text) {
  std::u32string letters;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (at + size > text.size() || (first >= 0x80 && first < 0xC2) || first > 0xF4)
      return std::nullopt;
    char32_t letter = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xC0U) != 0x80) return std::nullopt;
      letter = letter << 6 | (next & 0x3FU);
    }
    letters += letter;
    at += size;
  }
  return letters;
}

std::u32string folded(std::u32string_view letters) {
  std::u32string form;
  for (const char32_t letter : letters) {
    if (is_unseen(letter) || is_among(kAccents, letter)) continue;
    const char32_t sign = plain(letter);
    if (sign >= 'A' && sign <= 'Z') {
      form += sign - 'A' + 'a';
    } else if (sign == U'ß' || sign == U'ẞ') {
      form += U"ss";
    } else if (sign >= 0xAC00 && sign <= 0xD7A3) {
      add_syllable(sign, form);
    } else if (sign < 0x80) {
      form += sign;
    } else {
      const auto found = small_letters().find(sign);
      form += found == small_letters().end() ? sign : found->second;
    }
  }
  return form;
}

std::string text_of(std::u32string_view letters) {
  std::string text;
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  for (const std::uint32_t letter : letters) {
    if (letter < 0x80) {
      add(letter);
      continue;
    }
    if (letter < 0x800) {
      add(0xC0 | letter >> 6);
    } else if (letter < 0x10000) {
      add(0xE0 | letter >> 12);
      add(0x80 | (letter >> 6 & 0x3F));
    } else {
      add(0xF0 | letter >> 18);
      add(0x80 | (letter >> 12 & 0x3F));
      add(0x80 | (letter >> 6 & 0x3F));
    }
    add(0x80 | (letter & 0x3F));
  }
  return text;
}

}  // namespace weir::outbox
