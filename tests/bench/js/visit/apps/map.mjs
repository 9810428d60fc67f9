// What an application writes that wants answers and nothing else.

const answers = new Map();
const take = (text) => {
  for (const [key, value] of Object.entries(JSON.parse(text ?? "{}"))) answers.set(key, value);
};
take(visit.bootstrap ?? localStorage.getItem("answers"));
visit.take((key) => answers.get(key));
const response = await fetch(visit.service);
const text = await response.text();
take(text);
visit.look();
localStorage.setItem("answers", text);
