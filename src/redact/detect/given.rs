//! Names that nothing announces, known by a given name or a family's: `expected Jane Doe but found …`.
//!
//! A list of names is never whole, so this is the last net and not the first: it asks for two words of a name of which
//! one is well known, and none is a word of the shop or of its machines. Names that are words as well (`Grant`,
//! `Summer`) count only beside a family's name.

use std::sync::LazyLock;

use super::firms::is_made_by;
use super::goods::{is_article, is_brand, is_measured, is_of_goods};
use super::text::{at, before, is_word, run, run_back};
use super::words::Words;
use super::{cell, names};

/// Given names that are no other words in a log.
const GIVEN: &str = "aaliyah aaron abdul abdullah abigail adam adele adrian adriana agata agnes agnieszka ahmad ahmed aiko aileen aisha \
    akira alan alana alastair albert alberto alejandra alejandro aleksander aleksandra alessandra alessandro alessia alexander alexandra \
    alexandre alfred alfredo alice alicia alina alison alistair allison alvaro amalia amanda amelia amelie amina amir amit amy ana anaya \
    anastasia anders andre andrea andreas andrei andrej andres andrew andrzej anette angela angelica angelika angelina angelo anika anil anita anja anjali ankit ann \
    anna annabel anne anneliese annette annika anouk anthony antoine anton antonella antonia antonio aoife arjun armando arnaud arthur arturo \
    arvid asha ashley asif astrid aurelie axelle ayako ayesha aylin ayse barbara bartosz bastian beatrice beatrix beatriz ben benedikt benjamin bernadette \
    bernard bernd bettina bianca birgit birgitte bjorn bogdan bohdan boris brandon brian brigitte britta bronte bruno bryan camilla camille carina carla carlo carlos \
    carmen carolin carolina caroline catalina catarina caterina catherine cecilia cecile celine cem chandra chantal charles charlotte chiara chidi chiedozie chinedu \
    chitra chloe christa christina christine christoph christophe christopher ciaran cillian cindy claire clara clarissa claudia claus \
    clemence clement conor conchita connor constance cristina cristobal dagmar damian damien daniel daniela daniele danielle danuta daria dario darnell darren \
    david deborah declan deepak deirdre delphine denise dennis derek derya devika diana diane diego dieter dietmar dilip dimitra dimitri dimitris dirk divya \
    dmitri dmitry dolores dominik dominika dominique donatella dorota dorothea dorothy douglas duncan dylan eamon eduardo edward edwin ege eike eileen ekaterina elaine \
    eleanor elena eleni elias elif elisa elisabeth elise eliza elizabeth elke ella ellen elliot elodie elsa elvira emanuele emeka emil emilia emilie emilio \
    emily emine emma emmanuel ernst enrico enrique erika erik erin ernesto esperanza esteban esther etienne eugenia eugenio eva evan evangelos eveline evelyn ewa fabian \
    fabienne fabio fabrizio farah farid fatima fatma fatoumata federica federico felicia felipe fernanda fernando ferran filip filippo fiona flavia \
    florence florian fouad franca frances francesca francesco francine francisca francisco franck francois francoise franz freya frida friedrich frieda gabriel gabriela gabriella \
    gabriele gareth gavin gemma genevieve geoffrey georg george georgina gerard gerardo gerd gerhard gertrud gianluca gianni gillian ginevra giorgia \
    giorgio giorgos giovanna giovanni gisela giulia giuliana giulio giuseppe gisele gitte gonzalo gordon goran graham graziella greta gretchen guadalupe gudrun guido guillaume guillermo \
    gunnar gunter gustav gustavo hakan hamza hana hanna hannah hanne hannelore hans harald haruka hasan hassan hector heidi heike heiko helen helena helene helga \
    helmut hendrik henri henriette henrik henrique henry herbert hermann hilda hilde hiroshi holger howard hubert huda hugh huseyin ibrahim ignacio igor ilona ilse imran \
    ines inga inge ingeborg ingrid irena irene irina isaac isabel isabella isabelle isobel ivan ivana jacek jaap jacob jacqueline jacques jaime jakob jakub james jamila jan jana jane janet \
    janina janusz jarek jaroslav javier jean jeanette jeanne jeffrey jelena jennifer jens jeremy jerome jerzy jessica jesus jitka joachim joan joana joanna joao joaquin jochen joel johan \
    johann johanna johannes john jonas jonathan joost jordi jorge jose josef josefa josefina joseph josephine joshua jozef juan juana judith julian juliana \
    juliane julie julien juliet juliette julio jurgen justine justyna jutta kaito kamil kamila karel karen karim karin karina karl karla karolina karoline katarina katarzyna kate katerina kathleen \
    kathrin kathryn katja katrin kavita kazimierz keiko keith kelly kemal ken kenji kenneth kerstin kevin khadija khaled khalid kieran kimberly kirsten kiran klaas klara klaus \
    konrad konstantin konstantinos krishna kristen kristin kristina krystyna krzysztof kumar kunal kurt lachlan lakshmi lars latoya laura laurence laurent laurie lea leandro leah leila lena leonard \
    leonardo leonie leonora leopold leroy lesley leslie leticia lidia liam lieselotte lina linda linnea lisa lorena lorenzo lorraine lotte louis louisa louise luca lucas lucia luciana luciano \
    lucie lucille lucy ludovica ludwig luigi luis luisa luise lukas lukasz luuk lydia maarten maciej maciek magdalena magnus mahesh mahmoud maja malgorzata malik mandy manfred manish manoj manon manuel manuela marc \
    marcel marcela marcelo marcin marco marcos marcus marek margaret margareta margarita margit margot marguerite maria mariana marianne marie marieke marijke marina mario marion marisa marisol mariusz \
    marjan marjolein marlene marta martha martin martina mary maryam masako mateo mateusz mathias mathieu mathilde matilda matt matteo matthew matthias matthieu maureen maurice mauricio maurizio mauro \
    maximilian mayumi mehmet meike melanie melinda melissa mercedes mercy meredith meryem michael michaela michal micheal michel michele michelle mickael miguel mihai mika mikael mikhail milan milena milica millicent minh miriam miroslav \
    mohamed mohammad mohammed mohan moira monica monika monique montserrat moritz muhammad murat mustafa myriam nadia nadine nagendra nalini nancy naoko naomi natalia natalie natasha nathalie nathan \
    nathaniel neha neil nele nicholas nicola nicolas nicole niels nigel nikita niklas nikola nikolai nikolaos nikolaus nikos nils nina nirmala nishant noah noemi nora norbert noriko norma nuria oleg olena oksana olga olivia olivier \
    oliver olof oluwaseun omar orhan orla oskar osman otto owen pablo padma padraig pamela paola paolo pascale patricia patricio patrick patrik paul paula paulina pauline pavel pawel pedro peggy \
    penelope per petar peter petr petra petros philip philipp philippa philippe phillip pia pierre piet pieter piotr pooja prakash pranav preeti priscilla priya priyanka przemyslaw quentin rachel radek rafael rafal \
    rahul rainer raj rajesh rajiv ralf ramesh ramon ramona ravi rashid raul ravi rebecca regina reinhard reinhold rekha renata renate renaud rene renee ricardo riccardo richard rita rob robert roberta roberto robin rocio \
    roderick rodrigo roger roland rolf roman ronald ronan rosa rosalia rosalie rosanna rosario rosemarie rosemary rowena roxanne ruben rudi rudolf rui rupert ruth ryan sabine sabrina sachiko sakura salma salvatore \
    sam samantha samir samira samuel sandeep sandra sanjay sanne santiago sara sarah saskia satoshi saul scott sean sebastian sebastien selin selma serena serge sergei sergey sergio severine shauna sheila shirley \
    shreya siegfried sieglinde sigrid silke silvana silvia silvio simon simona simone siobhan slawomir sofia sofie solene sonia sonja sophia sophie soren stanislav stanislaw stefan stefania stefanie stefano steffen stephan stephane \
    stephanie stephen steve steven stuart sunil sunita suresh susan susana susanna susanne suzanne sven svetlana swantje swen sybille sylvain sylvia sylvie tadeusz takeshi tamara tanja tania tanya tarek tatiana tatjana \
    teresa terence theo theodor theodora theresa therese thibault thierry thomas thorsten tiago tiffany tim timo timothy tobias tom tomas tomasz tomoko torben torsten tracy tristan trond tuomas ulla ulrich ulrike umberto ursula uschi \
    ute uwe valentina valeria valerie vanessa veronica veronika veronique vicente victor vijay vikram viktor viktoria vincent vincenzo vinod violetta virginie vishal vittoria vitor vivian viviane vladimir volker waldemar walter waltraud \
    wanda wei wendy werner wiebke wilfried wilhelm william willem wojciech wolfgang wouter xavier ximena yannick yasmin yasmine yasuko yolanda youssef yuki yuko yumi yusuf yves yvette yvonne zachary zdenek zehra zeynep zoe zofia zsofia zuzana";

/// Given names that are words, places or programs as well.
const AMBIGUOUS: &str = "alex alexa amber angel apollo ari art ash athena aurora austin august axel bill billy blake bob bobby brad brett brooke bud cameron carol carter casey chad chance charlie chase chelsea \
    christian chris chuck claude colin cooper craig crystal daisy dale dan dawn dean dominic don donna drew duke dustin earl eden ed eddie eli emerson eric ernest eugene faith felix fern finn floyd frank fred gail gary gene \
    georgia gilbert gina glen glenn grace grant greg guy hank harper harriet harris harrison harry hazel heather henrietta holly hope hudson hugo hunter ian iris isla ivy jack jackie jackson jade jake jasmine jason jasper \
    jay jeff jenny jerry jess jill jim jimmy jo jodie joe joey jordan josh joy julia june justin kai kay kim kit kyle lance lee leo leon levi lewis lily linus lloyd logan lola lou luke luna lynn mabel mack maddison madison marcia mark marshall \
    martine mason mavis max may maya megan mia mike miles milo mitchell molly morgan myles nat ned nick noel nova olive oscar paige pam parker pascal pat pearl penny perry pete phil phoebe poppy preston prince ray reed rex rhys rich rick riley river robbie rod \
    romeo ron rory rose ross roy ruby rufus russell rusty sandy sasha savannah shane shannon sharon shaun shelly sierra sky spencer stan stella sterling stewart summer sydney taylor ted terry tina tod todd toby tony travis trent trevor troy ty tyler val vera young hall park bishop strand vega \
    vernon vic victoria vince viola virginia wade wallace warren wayne wes will willow wyatt zack zara zoey tan li chen mei jin jun ming hui lin xin ying yan fang";

/// Families' names that are no other words in a log.
const FAMILY: &str = "young hall park bishop strand vega abbott acheampong adams adebayo adeyemi agarwal aguilar aguirre ahmadi akhtar albrecht alvarez anand anderson andersen andersson antoniou aoki arnold arora ashworth bachmann \
    bailey baptiste barbieri barnes baumann baumgartner becker bennett bergmann berger bernardi bhatt bhattacharya bianchi blackwater bonnet bouchard boucher brandao bianco brennan brooks bruno burke \
    burton byrne campbell caputo cardenas cardoso carlson caruso carvalho castillo castro chakraborty chan chandra chatterjee chaudhary chavez christensen clark clarke cohen coleman collins colombo conti costa coulibaly cruz cumming \
    cunningham dalgaard davies davis deluca desai diallo diaz dietrich dimitriou dominguez donnelly doyle dubois dufour dupont durand edwards ehlers eklund eriksen eriksson espinosa esposito evans faber farrell fernandes fernandez ferrara ferrari ferreira \
    ferri fischer fitzgerald fletcher flores fontaine forsberg fournier franke franklin fraser fujita fuchs gallagher gallo garcia garnier garza gauthier georgiou ghosh gibson gimenez giordano girard goldberg gomes gomez gonzales \
    gonzalez goncalves greco griffin griffiths gruber guerin guerra guerrero gupta gutierrez guzman haas haddad hahn hamilton hansen hansson harris hartmann hashimoto hayashi hayes heinrich henderson hernandez herrera higgins hoffmann hofmann \
    holmes horvath hosseini howell huang huber hughes hussain hussein ibanez iglesias ikeda inoue ishikawa ismail ito ivanov ivanova iyer jansen janssen jansson jacobs jensen jimenez joshi johansen johansson johnson johnston jones jorgensen joshi kaiser \
    kapoor kaplan karlsson kato kaufmann kaur keller kelly kennedy khan kim kimura klein koch kobayashi koehler kovac kovacs kowalczyk kowalska kowalski kraus krause krueger kruger kumari lacombe lambert larsen larsson lefebvre lefevre lehmann lemaire leroy \
    leclerc lewandowska lewandowski lindberg lindgren lindqvist lindstrom lombardi lopes lopez lorenz lozano lucas ludwig lund lundberg macdonald mackenzie madsen mahmood maier malik mancini marchetti mariani marino marques marquez martinelli martinez \
    martinsson matsumoto mayer mazur mcallister mccarthy mcdonald medina mehta meier mejia melo mendes mendez mendoza menon meyer meier mishra mitchell mohr molina monteiro montoya morales moreau moreira moreno morin moretti morris \
    moser mueller mukherjee muller murphy murray nagy naidu nair nakagawa nakajima nakamura navarro nielsen nguyen nilsson nkosi nordmann novak nowak nunez obrien oconnor odonnell ogawa okada okafor okonkwo olsen olsson oliveira omar ortega ortiz osullivan \
    ozdemir ozturk pacheco padilla papadopoulos parisi patel patil pedersen pereira perez perrin persson peters petersen peterson petersson petit petrov petrova pham phillips pichler pietersen pinheiro pinto popescu popov prasad quinn ramirez ramos \
    rao rasmussen reddy reinhardt reyes ribeiro ricci richter riley rinaldi rivera rizzo roberts robertson robinson rocha rodrigues rodriguez rojas romano romero rossi rousseau roux ruiz russo ryan saito salazar sanchez sanders \
    sandberg santana santoro santos sasaki sato schaefer schafer scherer schmid schmidt schmitt schmitz schneider schreiber schroeder schubert schulte schultz schulz schumacher schuster schwarz serrano sharma shimizu siegel silva simmons simpson singh \
    skinner smith soares sokolov sorensen soto sousa souza stewart suarez sullivan suzuki svensson szabo takahashi tamura tanaka thapa thompson thomsen thomson torres toth tran trembley tremblay tsui turner ueda vargas vasquez vazquez venkatesan vidal \
    vieira villa virtanen visser vogel wagner walker walsh wang watanabe watkins watson weaver weber wegner weiss werner whitcomb whitfield wieczorek wilhelm wilkinson williams williamson wilson winkler wisniewska wisniewski wojcik wolff wright wu yadav yamada yamaguchi yamamoto \
    yilmaz yoshida zapata zhang zhao zheng zhou zhu zielinski ziegler zimmermann zuniga";

/// Ends that families' names have and few other words do.
const ENDS: [&str; 32] = [
    "owski", "ewski", "inski", "owska", "ewska", "inska", "owicz", "ewicz", "czyk", "sson", "ssen", "enko", "chenko",
    "opoulos", "akis", "idis", "escu", "oglu", "shvili", "inen", "dottir", "ucci", "etti", "ellini", "quist", "qvist",
    "mann", "meyer", "ovich", "evich", "elsen", "nsen",
];

/// Words of places, firms and goods: beside one, a name is part of theirs.
const OTHERS: &str = "gateway carrier quality policy engine scheduler validator checker scanner robot dept department label hazard heap partition queue street avenue road lane drive city county state country north south east west new old saint san santa los las fort port \
    mount lake river station airport hotel university college school church hospital center centre park square building tower house cloud pool \
    group team company inc ltd gmbh corp llc co bv ag sa srl spa foundation institute museum stadium bridge bay beach island daylight time zone \
    central pacific eastern western shampoo soap cream perfume toilette parfum lipstick lotion mist tea coffee lamp desk chair table stand rack brush hair \
    paddle laptop phone case cover charger cable mouse keyboard headphones speaker camera watch ring necklace bracelet bag backpack wallet belt shoes \
    boots sneakers shirt jacket jeans dress socks hat cap gloves scarf pillow blanket towel mug bottle glass knife book guitar doll game puzzle kit \
    story blau gelb grau bleu noir azul rojo verde nero rosso duschgel garden kitchen collection edition series rose exception error handler mapper factory provider client daemon";

const PLAIN: u8 = 1;
const WORD: u8 = 2;
const HOUSE: u8 = 4;
const OTHER: u8 = 8;

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(&[GIVEN, AMBIGUOUS, FAMILY, OTHERS]));

/// Whether a word is of the shop, of its machines, of its goods or of a place.
pub fn is_other(name: &[u8]) -> bool {
    cell::has_thing(name) || name.split(|byte| matches!(byte, b' ' | b'-')).any(|word| WORDS.lists(word) & OTHER != 0)
}

/// The name of two words or more that begins with the capital at `from`.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let first = run(text, from, 24, |byte| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'.');
    let second = from + first + 1;
    // Most capitals end here.
    if first < 2
        || at(text, from + first) != b' '
        || !may_begin(text, second)
        || matches!(before(text, from), b'_' | b'/')
    {
        return None;
    }
    let word = &text[from..from + first];
    // `Simon.Says`: code, and no initial.
    let dot = word.iter().position(|byte| *byte == b'.');
    if dot.is_some_and(|dot| dot > 2 && dot + 1 < word.len()) {
        return None;
    }
    let lists = lists(word);
    let next = &text[second..second + run(text, second, 24, |byte| byte.is_ascii_alphabetic() || byte == b'\'')];
    let family = is_family(next);
    let known = lists & PLAIN != 0 && (first > 2 || family)
        || lists & WORD != 0 && family
        || lists & HOUSE != 0 && WORDS.lists(next) & (PLAIN | HOUSE) != 0 && WORDS.lists(next) & WORD == 0
        // `Pause Young`: a family's name that is a word as well needs a given name before it.
        || WORDS.lists(next) & HOUSE != 0 && WORDS.lists(next) & WORD == 0 && is_usual(word)
        || is_usual(word) && !names::announces(word) && has_particle(text, second);
    if !known {
        return None;
    }
    let (end, count) = names::tokens(text, from)?;
    let name = &text[from..end];
    let goes_on = matches!(at(text, end), b':' | b'.') && at(text, end + 1) == at(text, end);
    // A word behind it that is written small makes no name of it, but one of goods or a place does.
    let next = end + usize::from(at(text, end) == b' ');
    let behind = &text[next..next + run(text, next, 16, |byte| byte.is_ascii_alphabetic())];
    // `Paul Lange & Co. OHG` is a firm's, `Karl Johans gate 24` a street's.
    let is_street =
        super::street_words::WORDS.lists(behind) & (super::street_words::TRAIL | super::street_words::NUMBER) != 0
            && next > end;
    // `Jamie Oliver pan`, at the second word.
    let first = from - run_back(text, from, 24, |byte| byte.is_ascii_alphabetic() || byte == b' ');
    let before = text[first..from].trim_ascii_end();
    let last = before.iter().rposition(|byte| *byte == b' ').map_or(first, |space| first + space + 1);
    let is_part = is_street
        || is_made_by(text, from)
        || is_brand(&text[last..end])
        || text[end..].starts_with(b" & Co")
        || WORDS.lists(behind) & OTHER != 0
        || is_brand(name)
        || is_measured(text, end)
        || is_article(text, from)
        || is_of_goods(text, from, end);
    (count >= 2 && name.len() <= 64 && !goes_on && !is_part && !is_other(unless_double(name)))
        .then(|| (earlier(text, from), four(text, from, end)))
}

/// The name without a double given name at its beginning, of which one may be a month's: `Ernst-August Beispiel`.
fn unless_double(name: &[u8]) -> &[u8] {
    let space = name.iter().position(|byte| *byte == b' ').unwrap_or(0);
    let (first, rest) = name.split_at(space);
    if first.contains(&b'-') && lists(first) & PLAIN != 0 { rest.trim_ascii_start() } else { name }
}

/// `Tan Wei Ling`: a family's name that stands first.
fn earlier(text: &[u8], from: usize) -> usize {
    if before(text, from) != b' ' {
        return from;
    }
    let start = from - 1 - run_back(text, from - 1, 16, |byte| byte.is_ascii_alphabetic());
    let word = &text[start..from - 1];
    let known = word.len() >= 2 && word[0].is_ascii_uppercase() && WORDS.lists(word) & (PLAIN | WORD | HOUSE) != 0;
    if known && !is_word(before(text, start)) && !is_other(word) { start } else { from }
}

/// Whether the text begins with a given name and another word of a name: `Jane Doe Trading`.
pub fn begins(text: &[u8]) -> bool {
    let first = run(text, 0, 24, |byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    let lists = lists(&text[..first]);
    let second = first + 1;
    lists & (PLAIN | WORD) != 0
        && at(text, first) == b' '
        && names::tokens(text, second).is_some()
        && (lists & PLAIN != 0
            || is_family(&text[second..second + run(text, second, 24, |byte| byte.is_ascii_alphabetic())]))
}

/// `van der Berg`, `ter Horst`, `bin Osman`: no words but names have these before a capital.
fn has_particle(text: &[u8], from: usize) -> bool {
    const KNOWN: [&[u8]; 18] = [
        b"van der ",
        b"van den ",
        b"van de ",
        b"van 't ",
        b"van ",
        b"von der ",
        b"von den ",
        b"von ",
        b"vom ",
        b"zu ",
        b"ter ",
        b"ten ",
        b"bin ",
        b"bint ",
        b"ibn ",
        b"El-",
        b"Al-",
        b"binti ",
    ];
    matches!(at(text, from), b'v' | b'z' | b't' | b'b' | b'i' | b'E' | b'A')
        && KNOWN
            .iter()
            .any(|particle| text[from..].starts_with(particle) && at(text, from + particle.len()).is_ascii_uppercase())
}

/// Whether the text is such a name and nothing else.
pub fn is_name(text: &[u8]) -> bool {
    find(text, 0) == Some((0, text.len()))
}

/// Whether a word is a given name, and no other word in a log.
pub fn is_given(word: &[u8]) -> bool {
    WORDS.lists(word) & PLAIN != 0
}

/// Whether a word of it is a given name or a family's.
pub fn sounds_known(text: &[u8]) -> bool {
    text.split(|byte| matches!(byte, b' ' | b'-' | b','))
        .any(|word| WORDS.lists(word) & (PLAIN | WORD | HOUSE) != 0 || is_family(word))
}

/// A capital, a letter beyond ASCII, or a small word that names have.
fn may_begin(text: &[u8], from: usize) -> bool {
    match at(text, from) {
        b'A'..=b'Z' | 0xC3..=0xE2 => true,
        b'd' | b'v' | b'a' | b'b' | b'e' | b'l' | b't' | b'z' => names::begins_particle(text, from),
        _ => false,
    }
}

/// `Anne-Marie`: the first of two.
fn lists(word: &[u8]) -> u8 {
    let first = word.split(|byte| matches!(byte, b'-' | b'.')).next().unwrap_or(word);
    let mut found = WORDS.lists(first);
    // `Ernst-August`: one of the two is enough, for goods are called otherwise.
    if first.len() < word.len()
        && let Some(second) =
            word.get(first.len() + 1..).filter(|second| second.first().is_some_and(u8::is_ascii_uppercase))
    {
        let both = found & (PLAIN | WORD) != 0 && WORDS.lists(second) & (PLAIN | WORD) != 0;
        found |= WORDS.lists(second) & PLAIN | if both { PLAIN } else { 0 };
    }
    // `MAX RETRIES`, `DAN`: capitals alone are a constant's, but for names that are nothing else.
    if word.len() > 1 && word[1].is_ascii_uppercase() { found & PLAIN } else { found }
}

/// A capital and small letters: what a name looks like that is not on the list.
fn is_usual(word: &[u8]) -> bool {
    word.len() >= 3 && word[1..].iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-')
}

fn is_family(word: &[u8]) -> bool {
    WORDS.lists(word) & HOUSE != 0
        || word.starts_with(b"Mc") && word.len() > 4 && word[2].is_ascii_uppercase()
        || word.starts_with(b"O'") && word.len() > 4
        || word.len() >= 6
            && ENDS.iter().any(|end| end.as_bytes().last() == word.last() && word.ends_with(end.as_bytes()))
}

/// Four words at most: what follows is another matter.
fn four(text: &[u8], from: usize, end: usize) -> usize {
    let mut spaces =
        text[from..end].iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(place, _)| from + place);
    spaces.nth(4).unwrap_or(end)
}
